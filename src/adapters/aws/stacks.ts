import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ExecutionError } from "../../model/errors.ts";
import { newClient } from "./new-client.ts";
import { ownedBucket } from "./owned-bucket.ts";

/** An account, and who acts in it. */
export interface StacksOptions {
  /** The URL of an emulator. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** @default - what the AWS SDK finds in the environment and in its files */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string } | undefined;
}

/** A stack that is to be made. */
export interface StackToMake {
  readonly name: string;
  /** Its template, as JSON. */
  readonly template: string;
  /** Where a template goes that is too long to be sent along. */
  readonly bucket: string;
  /** Of the stack and all that is in it. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Stacks made by templates alone, without the CDK's bootstrap: for environments that exist for tests. */
export interface StacksApi {
  putObject(bucket: string, key: string, body: Uint8Array | string): Promise<void>;
  /** Makes a stack and waits for it. Says whether it did: false when there is one of this name. Rejects with `ExecutionError` and CloudFormation's reasons; then no stack is left. */
  create(stack: StackToMake): Promise<boolean>;
  /** Deletes a stack and waits until it is gone. */
  remove(stack: string): Promise<void>;
  destroy(): void;
}

/** The longest that a stack may take, and how often it is looked at. */
const WAIT = { maxWaitTime: 300, minDelay: 0.2, maxDelay: 1 };
/** Longest template that CreateStack takes itself, in bytes. */
const MAX_TEMPLATE_BYTES = 51_200;

/** Makes the clients. */
export function createStacksApi({ endpoint, region, credentials }: StacksOptions): StacksApi {
  // Copies: clients write into what they are given.
  const shared = (): object => ({ region, ...(endpoint && { endpoint }), ...(credentials && { credentials: { ...credentials } }) });
  const formation = newClient(() => new CloudFormationClient(shared()));
  const s3 = newClient(() => new S3Client({ ...shared(), ...(endpoint && { forcePathStyle: true }) }));
  const waiting = { client: formation, ...WAIT };

  async function putObject(bucket: string, Key: string, Body: Uint8Array | string): Promise<void> {
    await s3.send(new PutObjectCommand({ ...ownedBucket(bucket), Key, Body }));
  }
  async function source(stack: StackToMake): Promise<{ TemplateBody: string } | { TemplateURL: string }> {
    if (Buffer.byteLength(stack.template) <= MAX_TEMPLATE_BYTES) return { TemplateBody: stack.template };
    const key = `assets/${stack.name}.template.json`;
    await putObject(stack.bucket, key, stack.template);
    return { TemplateURL: `${endpoint ?? `https://s3.${region}.amazonaws.com`}/${stack.bucket}/${key}` };
  }
  async function remove(StackName: string): Promise<void> {
    await formation.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting, { StackName });
  }
  return {
    putObject,
    async create(stack) {
      const { name: StackName } = stack;
      const Tags = Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value }));
      try {
        const from = await source(stack);
        await formation.send(new CreateStackCommand({ StackName, ...from, Tags, Capabilities: ["CAPABILITY_IAM"] }));
      } catch (error) {
        if ((error as Error).name.startsWith("AlreadyExists")) return false;
        throw notMade(StackName, (error as Error).message, error);
      }
      try {
        await waitUntilStackCreateComplete(waiting, { StackName });
      } catch (cause) {
        const { StackEvents = [] } = await formation.send(new DescribeStackEventsCommand({ StackName }));
        // Of the stack itself LocalStack has such events too; its resources say why.
        const failed = StackEvents.filter((event) => event.ResourceStatus?.endsWith("FAILED") && event.LogicalResourceId !== StackName);
        const reasons = failed.map((event) => `${event.LogicalResourceId ?? ""}: ${event.ResourceStatusReason ?? ""}`);
        await remove(StackName).catch(() => undefined);
        throw notMade(StackName, reasons.length === 0 ? String(cause) : reasons.join("\n"), cause);
      }
      return true;
    },
    remove,
    destroy() {
      formation.destroy();
      s3.destroy();
    },
  };
}

function notMade(stack: string, reasons: string, cause: unknown): ExecutionError {
  return new ExecutionError(`The stack ${stack} was not made:\n${reasons}`, {
    hint: "Change what CloudFormation names, then deploy again; no stack is left of it.",
    cause,
  });
}
