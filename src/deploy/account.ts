import type { AwsClientOptions } from "../adapters/aws/client-options.ts";
import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import { awsError, readAwsFailure } from "../adapters/aws/failures.ts";
import type { EnvironmentDataApi } from "../adapters/aws/environment-data.ts";
import type { AwsIdentity } from "../adapters/aws/identity.ts";
import { deniedDeletion, deniedQuestion } from "./errors.ts";
import { followLogs, type FollowLogsParams, type LogFollower } from "./follow-logs.ts";

/** Opens the account that the AWS SDK finds. Its operations reject with Tenon's errors. */
export async function openDeployments(options: AwsClientOptions = {}): Promise<DeploymentsApi> {
  const { createDeploymentsApi } = await import("../adapters/aws/deployments.ts");
  const api = createDeploymentsApi(options);
  return {
    stack: (name) => api.stack(name).catch(fail("cloudformation:DescribeStacks", `the stack ${name}`)),
    template: (name) => api.template(name).catch(fail("cloudformation:GetTemplate", `the stack ${name}`)),
    parameters: (path) => api.parameters(path).catch(fail("ssm:GetParametersByPath", `the parameters ${path}*`)),
    hasTable: (name) => api.hasTable(name).catch(fail("dynamodb:DescribeTable", `the table ${name}`)),
    concurrency: () => api.concurrency().catch(fail("lambda:GetAccountSettings", "the account")),
    destroy: () => api.destroy(),
  };
}

/** Opens what environments keep when their stacks are deleted. Its operations reject with Tenon's errors. */
export async function openEnvironmentData(options: AwsClientOptions = {}): Promise<EnvironmentDataApi> {
  const { createEnvironmentDataApi } = await import("../adapters/aws/environment-data.ts");
  const api = createEnvironmentDataApi(options);
  return {
    hasBucket: (name) => api.hasBucket(name).catch(fail("s3:ListBucket", `the bucket ${name}`, deniedDeletion)),
    unprotectTable: (name) => api.unprotectTable(name).catch(fail("dynamodb:UpdateTable", `the table ${name}`, deniedDeletion)),
    deleteTable: (name) => api.deleteTable(name).catch(fail("dynamodb:DeleteTable", `the table ${name}`, deniedDeletion)),
    deleteBucket: (name) =>
      api
        .deleteBucket(name)
        .catch(fail("s3:ListBucketVersions, s3:DeleteObjectVersion or s3:DeleteBucket", `the bucket ${name}`, deniedDeletion)),
    destroy: () => api.destroy(),
  };
}

/** The account, region and endpoint that the AWS SDK finds. Never rejects: what is not known is absent. */
export async function findIdentity(options: AwsClientOptions = {}): Promise<AwsIdentity> {
  const identity = await import("../adapters/aws/identity.ts");
  return identity.findIdentity(options);
}

/** Follows the logs of an App in the account that the AWS SDK finds. */
export async function followRunLogs(params: FollowLogsParams, options: AwsClientOptions = {}): Promise<LogFollower> {
  const { createLogsApi } = await import("../adapters/aws/logs.ts");
  return followLogs(createLogsApi(options), params);
}

// --- Internal helpers ---

function fail(action: string, resource: string, denied = deniedQuestion): (thrown: unknown) => never {
  return (thrown) => {
    const { error, kind } = readAwsFailure(thrown);
    throw kind === "denied" ? denied(action, resource, error) : awsError(error, { service: "AWS", action, resource });
  };
}
