import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type AwsClientOptions, sharedOptions } from "./client-options.ts";

/** A stack as CloudFormation knows it. */
export interface StackOnAws {
  /** Such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What whoever deploys asks an account; none of it changes anything. Rejections are the SDK's own. */
export interface DeploymentsApi {
  /** `undefined` for a stack that is not there. */
  stack(name: string): Promise<StackOnAws | undefined>;
  /** The template as it was given to CloudFormation. */
  template(name: string): Promise<string>;
  /** The parameters below a path, by name. */
  parameters(path: string): Promise<ReadonlyMap<string, string>>;
  hasTable(name: string): Promise<boolean>;
  destroy(): void;
}

const LIMITS = { maxSockets: 10, requestTimeoutMs: 30_000 };

/** Makes the client. */
export function createDeploymentsApi(options: AwsClientOptions): DeploymentsApi {
  const shared = sharedOptions(options, LIMITS);
  const formation = new CloudFormationClient(shared);
  const ssm = new SSMClient(shared);
  const dynamo = new DynamoDBClient(shared);
  return {
    async stack(name) {
      try {
        const { Stacks: [found] = [] } = await formation.send(new DescribeStacksCommand({ StackName: name }));
        return found === undefined ? undefined : stackOf(found);
      } catch (error) {
        if (error instanceof Error && error.name === "ValidationError" && /does not exist/i.test(error.message)) return undefined;
        throw error;
      }
    },

    async template(name) {
      const { TemplateBody } = await formation.send(new GetTemplateCommand({ StackName: name, TemplateStage: "Original" }));
      return TemplateBody ?? "";
    },

    async parameters(path) {
      const found = new Map<string, string>();
      let NextToken: string | undefined;
      do {
        const page = await ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken }));
        for (const { Name, Value } of page.Parameters ?? []) if (Name !== undefined) found.set(Name, Value ?? "");
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return found;
    },

    async hasTable(name) {
      try {
        await dynamo.send(new DescribeTableCommand({ TableName: name }));
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === "ResourceNotFoundException") return false;
        throw error;
      }
    },

    destroy() {
      for (const client of [formation, ssm, dynamo]) client.destroy();
    },
  };
}

// --- Internal helpers ---

function stackOf(stack: {
  readonly StackStatus?: string | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}): StackOnAws {
  const tags = (stack.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value] as const);
  return { status: stack.StackStatus ?? "", tags: Object.fromEntries(tags) };
}
