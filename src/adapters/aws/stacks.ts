import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { type BucketLocationConstraint, CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ExecutionError } from "../../model/errors.ts";

/** An account, and who acts in it. */
export interface StacksOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

/** Stacks made by templates alone, without the CDK's bootstrap: for accounts that exist for tests. */
export interface StacksApi {
  /** Puts an object into a bucket, which is made when it is missing. */
  putObject(bucket: string, key: string, body: Uint8Array): Promise<void>;
  /** Makes a stack and waits for it. Says whether it did: false when there is one of this name. Rejects with `ExecutionError` and CloudFormation's reasons; then no stack is left. */
  create(stack: string, template: string): Promise<boolean>;
  /** Deletes a stack and waits until it is gone. */
  remove(stack: string): Promise<void>;
  destroy(): void;
}

/** The most that a stack may take, and how often it is looked at. */
const WAIT = { maxWaitTime: 300, minDelay: 0.2, maxDelay: 1 };

/** Makes the clients. */
export function createStacksApi(options: StacksOptions): StacksApi {
  const { endpoint, region } = options;
  // Copies: clients write into what they are given.
  const formation = new CloudFormationClient({ endpoint, region, credentials: { ...options.credentials } });
  const s3 = new S3Client({ endpoint, region, credentials: { ...options.credentials }, forcePathStyle: true });
  const waiting = { client: formation, ...WAIT };

  async function remove(StackName: string): Promise<void> {
    await formation.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting, { StackName });
  }
  return {
    async putObject(Bucket, Key, Body) {
      const place = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } };
      await s3.send(new CreateBucketCommand({ Bucket, ...place })).catch((error: Error) => {
        if (!error.name.startsWith("BucketAlready")) throw error;
      });
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
    async create(StackName, TemplateBody) {
      try {
        await formation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ["CAPABILITY_IAM"] }));
      } catch (error) {
        if ((error as Error).name.startsWith("AlreadyExists")) return false;
        throw notMade(StackName, (error as Error).message, error);
      }
      try {
        await waitUntilStackCreateComplete(waiting, { StackName });
      } catch (cause) {
        const { StackEvents = [] } = await formation.send(new DescribeStackEventsCommand({ StackName }));
        const failed = StackEvents.filter((event) => event.ResourceStatus?.endsWith("FAILED"));
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
    hint: "No stack is left of it. Change what CloudFormation names, then deploy again.",
    cause,
  });
}
