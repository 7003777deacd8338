import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import type { AwsClientOptions } from "./client-options.ts";
import { isAwsFailure } from "./failures.ts";
import { openClient } from "./open-client.ts";

/** A stack as CloudFormation knows it. */
export interface StackOnAws {
  /** Such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Questions to an account for a deploy. None of them changes anything. Rejections are the SDK's own. */
export interface DeploymentsApi {
  /** `undefined` for a stack that is not there. */
  stack(name: string): Promise<StackOnAws | undefined>;
  /** The template as it was given to CloudFormation; `undefined` for a stack that is not there. */
  template(name: string): Promise<string | undefined>;
  /** The parameters below a path, by name. */
  parameters(path: string): Promise<ReadonlyMap<string, string>>;
  hasTable(name: string): Promise<boolean>;
  /** Containers of Lambda at once, of all functions that reserve none; `undefined` where the answer does not say it. */
  concurrency(): Promise<number | undefined>;
  destroy(): void;
}

const LIMITS = { maxSockets: 10, requestTimeoutMs: 30_000 };

/** Makes the client. */
export function createDeploymentsApi(options: AwsClientOptions): DeploymentsApi {
  const formation = openClient(options, LIMITS, (shared) => new CloudFormationClient(shared));
  return {
    async stack(name) {
      const answer = await unlessMissing(formation.send(new DescribeStacksCommand({ StackName: name })));
      const found = answer?.Stacks?.[0];
      return found === undefined ? undefined : stackOf(found);
    },

    async template(name) {
      return (await unlessMissing(formation.send(new GetTemplateCommand({ StackName: name, TemplateStage: "Original" }))))?.TemplateBody;
    },

    async parameters(path) {
      // Loaded only here: a deploy that changes nothing needs CloudFormation alone.
      const { GetParametersByPathCommand, SSMClient } = await import("@aws-sdk/client-ssm");
      const ssm = openClient(options, LIMITS, (shared) => new SSMClient(shared));
      const found = new Map<string, string>();
      let NextToken: string | undefined;
      do {
        const page = await ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken }));
        for (const { Name, Value } of page.Parameters ?? []) if (Name !== undefined) found.set(Name, Value ?? "");
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      ssm.destroy();
      return found;
    },

    async hasTable(name) {
      const { DescribeTableCommand, DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
      const dynamo = openClient(options, LIMITS, (shared) => new DynamoDBClient(shared));
      try {
        await dynamo.send(new DescribeTableCommand({ TableName: name }));
        return true;
      } catch (error) {
        if (isAwsFailure(error, "missing")) return false;
        throw error;
      } finally {
        dynamo.destroy();
      }
    },

    async concurrency() {
      const { GetAccountSettingsCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
      const lambda = openClient(options, LIMITS, (shared) => new LambdaClient(shared));
      try {
        return (await lambda.send(new GetAccountSettingsCommand({}))).AccountLimit?.UnreservedConcurrentExecutions;
      } finally {
        lambda.destroy();
      }
    },

    destroy: () => formation.destroy(),
  };
}

// --- Internal helpers ---

/** An answer, or `undefined` when CloudFormation knows no such stack. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (isAwsFailure(error, "missing")) return undefined;
    throw error;
  });
}

function stackOf(stack: {
  readonly StackStatus?: string | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}): StackOnAws {
  const tags = (stack.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value] as const);
  return { status: stack.StackStatus ?? "", tags: Object.fromEntries(tags) };
}
