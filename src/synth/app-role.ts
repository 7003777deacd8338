import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { cdk } from "./cdk-modules.ts";
import { NAMES_PER_STATEMENT, type RoleStatements, type Statement } from "./statements.ts";

/**
 * A role that Lambda takes on, unnamed. IAM counts 10,240 characters of its inline policies at most: where grants by name
 * may not fit, they become managed policies.
 */
export function createRole(scope: Construct, id: string, { own, named }: RoleStatements): CfnRole {
  const inline = named.flatMap(({ Resource }) => Resource).length <= NAMES_PER_STATEMENT;
  const policies = inline
    ? []
    : named.map(
        (statement, i) =>
          new cdk.iam.CfnManagedPolicy(scope, `${id}Names${i}`, {
            description: "Calls between the Functions of a Tenon App",
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

function policy(statements: readonly Statement[]): object {
  return { Version: "2012-10-17", Statement: statements };
}
