import type { AwsClientOptions } from "../adapters/aws/client-options.ts";
import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import { awsError, readAwsFailure } from "../adapters/aws/failures.ts";
import { deniedQuestion } from "./errors.ts";
import { followLogs, type FollowLogsParams, type LogFollower } from "./follow-logs.ts";

/** Opens the account that the AWS SDK finds; what it answers with are errors of Tenon. */
export async function openDeployments(options: AwsClientOptions = {}): Promise<DeploymentsApi> {
  const { createDeploymentsApi } = await import("../adapters/aws/deployments.ts");
  const api = createDeploymentsApi(options);
  return {
    stack: (name) => api.stack(name).catch(fail("cloudformation:DescribeStacks", `the stack ${name}`)),
    template: (name) => api.template(name).catch(fail("cloudformation:GetTemplate", `the stack ${name}`)),
    parameters: (path) => api.parameters(path).catch(fail("ssm:GetParametersByPath", `the parameters ${path}*`)),
    hasTable: (name) => api.hasTable(name).catch(fail("dynamodb:DescribeTable", `the table ${name}`)),
    destroy: () => api.destroy(),
  };
}

/** Follows the logs of an App in the account that the AWS SDK finds. */
export async function followRunLogs(params: FollowLogsParams, options: AwsClientOptions = {}): Promise<LogFollower> {
  const { createLogsApi } = await import("../adapters/aws/logs.ts");
  return followLogs(createLogsApi(options), params);
}

// --- Internal helpers ---

function fail(action: string, resource: string): (thrown: unknown) => never {
  return (thrown) => {
    const { error, kind } = readAwsFailure(thrown);
    throw kind === "denied" ? deniedQuestion(action, resource, error) : awsError(error, { service: "AWS", action, resource });
  };
}
