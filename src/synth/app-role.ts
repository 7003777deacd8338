import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { cdk } from "./cdk-modules.ts";
import { InvalidError } from "../model/errors.ts";
import { namesIn, NAMES_PER_STATEMENT, type RoleStatements, type Statement } from "./statements.ts";

/** Managed policies that a role takes, as AWS's default quota has it. */
const MAX_MANAGED_POLICIES = 10;

/**
 * A role that Lambda takes on, unnamed. IAM counts 10,240 characters of its inline policies at most: where grants by name
 * may not fit, they become managed policies.
 */
export function createRole(scope: Construct, id: string, { own, named }: RoleStatements): CfnRole {
  const names = named.reduce((sum, statement) => sum + namesIn(statement).length, 0);
  const inline = names <= NAMES_PER_STATEMENT;
  if (!inline && named.length > MAX_MANAGED_POLICIES) throw tooManyNames(names, named.length);
  const policies = inline
    ? []
    : named.map(
        (statement, i) =>
          new cdk.iam.CfnManagedPolicy(scope, `${id}Names${i}`, {
            description: "What the Functions of a Tenon App may call and use",
            policyDocument: policy([statement]),
          }),
      );
  return new cdk.iam.CfnRole(scope, id, {
    assumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    },
    policies: [{ policyName: "tenon", policyDocument: policy(inline ? [...own, ...named] : own) }],
    ...(policies.length === 0 ? {} : { managedPolicyArns: policies.map((each) => each.ref) }),
  });
}

// --- Internal helpers ---

function tooManyNames(names: number, policies: number): InvalidError {
  return new InvalidError(
    `A role of the App would name ${names} Functions, queues and objects, in ${policies} policies. IAM takes ${MAX_MANAGED_POLICIES} for a role.`,
    { hint: 'Name objects by a pattern, such as app.uses(Dict.named("user-*")), or split the App.' },
  );
}

function policy(statements: readonly Statement[]): object {
  return { Version: "2012-10-17", Statement: statements };
}
