import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { aws } from "./cdk-modules.ts";
import type { Statement } from "./statements.ts";

/** Characters of a role's inline policies that IAM counts are 10,240; above this many invoke grants move out of it. */
const MAX_INLINE_INVOKE_STATEMENTS = 1;

/**
 * A role that Lambda takes on, unnamed. `invoke` are grants that grow with the number of Functions: what does not fit
 * in the role becomes managed policies.
 */
export function createRole(scope: Construct, id: string, own: readonly Statement[], invoke: readonly Statement[]): CfnRole {
  const inline = invoke.length <= MAX_INLINE_INVOKE_STATEMENTS;
  const policies = inline
    ? []
    : invoke.map(
        (statement, i) =>
          new aws.iam.CfnManagedPolicy(scope, `${id}Invoke${i}`, {
            description: "Calls between the Functions of a Tenon App",
            policyDocument: policy([statement]),
          }),
      );
  return new aws.iam.CfnRole(scope, id, {
    assumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    },
    policies: [{ policyName: "tenon", policyDocument: policy(inline ? [...own, ...invoke] : own) }],
    ...(policies.length === 0 ? {} : { managedPolicyArns: policies.map((each) => each.ref) }),
  });
}

function policy(statements: readonly Statement[]): object {
  return { Version: "2012-10-17", Statement: statements };
}
