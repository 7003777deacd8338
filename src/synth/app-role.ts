import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { InvalidError } from "../model/errors.ts";
import { cdk } from "./cdk-modules.ts";
import { policyCharacters } from "./policy-size.ts";
import { namesIn, NAMES_PER_STATEMENT, type RoleStatements, type Statement } from "./statements.ts";

/** Managed policies that a role takes, as AWS's default quota has it. */
const MAX_MANAGED_POLICIES = 10;

/** Of the 10,240 characters of inline policies that a role takes, as many as leave room for what a CDK app grants. */
const MAX_OWN_CHARACTERS = 7_500;

/** Characters that Tenon puts into one managed policy, which takes 6,144. */
const MAX_MANAGED_CHARACTERS = 5_800;

/**
 * A role that Lambda takes on, unnamed. IAM counts 10,240 characters of its inline policies at most: where grants by name,
 * or what the user permits, may not fit, they become managed policies.
 */
export function createRole(scope: Construct, id: string, { own, named, permitted }: RoleStatements): CfnRole {
  const names = named.reduce((sum, statement) => sum + namesIn(statement).length, 0);
  const few = names <= NAMES_PER_STATEMENT;
  const inline = few ? [...own, ...named] : own;
  const fits = policyCharacters([...inline, ...permitted]) <= MAX_OWN_CHARACTERS;
  const parts = [...(few ? [] : named.map((statement) => [statement])), ...(fits ? [] : packed(permitted))];
  if (parts.length > MAX_MANAGED_POLICIES) throw tooMany(names, permitted, parts.length);
  const policies = parts.map(
    (statements, i) =>
      new cdk.iam.CfnManagedPolicy(scope, `${id}Names${i}`, {
        description: "What the Functions of a Tenon App may call and use",
        policyDocument: policy(statements),
      }),
  );
  return new cdk.iam.CfnRole(scope, id, {
    assumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    },
    policies: [{ policyName: "tenon", policyDocument: policy(fits ? [...inline, ...permitted] : inline) }],
    ...(policies.length === 0 ? {} : { managedPolicyArns: policies.map((each) => each.ref) }),
  });
}

// --- Internal helpers ---

/** Statements in as few policies as take them. */
function packed(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const parts: Statement[][] = [];
  for (const statement of statements) {
    const characters = policyCharacters([statement]);
    if (characters > MAX_MANAGED_CHARACTERS) throw tooLong(statement, characters);
    const last = parts.at(-1);
    if (last === undefined || policyCharacters([...last, statement]) > MAX_MANAGED_CHARACTERS) parts.push([statement]);
    else last.push(statement);
  }
  return parts;
}

function tooMany(names: number, permitted: readonly Statement[], policies: number): InvalidError {
  return new InvalidError(
    `A role of the App would name ${names} Functions, queues and objects and have ${permitted.length} permissions, in ${policies} policies. IAM takes ${MAX_MANAGED_POLICIES} for a role.`,
    { hint: 'Name objects by a pattern, such as app.uses(Dict.named("user-*")), or split the App.' },
  );
}

function tooLong({ Action, Resource }: Statement, characters: number): InvalidError {
  return new InvalidError(
    `A permission with ${Action.length} actions on ${Resource.length} resources has ${characters} characters. A policy takes ${MAX_MANAGED_CHARACTERS}.`,
    { hint: "Split it into several permissions, or name resources by a pattern." },
  );
}

function policy(statements: readonly Statement[]): object {
  return { Version: "2012-10-17", Statement: statements };
}
