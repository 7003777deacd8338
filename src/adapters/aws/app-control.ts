import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import type { AwsClientOptions } from "./client-options.ts";
import { isAwsFailure } from "./failures.ts";
import { openClient } from "./open-client.ts";

/** A parameter as a list gives it. */
export interface ListedParameter {
  readonly name: string;
  readonly value: string;
  /** Epoch milliseconds at which it was last written. */
  readonly changedAtMs: number;
}

/** What lists Apps, and turns the Lambda functions of one off and on. Rejections are the SDK's own. */
export interface AppControlApi {
  /** The parameters below a path. */
  parameters(path: string): Promise<readonly ListedParameter[]>;
  /** How many environments are reserved for a function; `null` for one that takes of the account's, or is not there. */
  reserved(name: string): Promise<number | null>;
  /** Reserves so many, or none in particular (`null`). With 0 it is not invoked at all. A function that is not there is left out. */
  reserve(name: string, environments: number | null): Promise<void>;
  /** The ids of what feeds a function from queues; none for one that is not there. */
  sources(name: string): Promise<readonly string[]>;
  /** Turns one of these on or off. */
  enable(source: string, on: boolean): Promise<void>;
  destroy(): void;
}

const LIMITS = { maxSockets: 10, requestTimeoutMs: 30_000 };
/** All of an account's requests to Lambda but Invoke share 15 a second (quotas of the API), so the SDK may have to wait. */
const ATTEMPTS = 8;

/** Makes the clients. */
export function createAppControlApi(options: AwsClientOptions): AppControlApi {
  const lambda = openClient(options, LIMITS, (shared) => new LambdaClient({ ...shared, maxAttempts: ATTEMPTS }));
  return {
    async parameters(path) {
      // Only here: a deploy asks for the rest alone.
      const { GetParametersByPathCommand, SSMClient } = await import("@aws-sdk/client-ssm");
      const ssm = openClient(options, LIMITS, (shared) => new SSMClient(shared));
      const found: ListedParameter[] = [];
      let NextToken: string | undefined;
      try {
        do {
          const page = await ssm.send(new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken }));
          for (const { Name: name = "", Value: value = "", LastModifiedDate } of page.Parameters ?? [])
            found.push({ name, value, changedAtMs: LastModifiedDate?.getTime() ?? 0 });
          NextToken = page.NextToken;
        } while (NextToken !== undefined);
        return found;
      } finally {
        ssm.destroy();
      }
    },
    async reserved(name) {
      const answer = await unlessMissing(lambda.send(new GetFunctionConcurrencyCommand({ FunctionName: name })));
      return answer?.ReservedConcurrentExecutions ?? null;
    },
    async reserve(FunctionName, environments) {
      if (environments === null) await unlessMissing(lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName })));
      else
        await unlessMissing(lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: environments })));
    },
    async sources(FunctionName) {
      const answer = await unlessMissing(lambda.send(new ListEventSourceMappingsCommand({ FunctionName })));
      return (answer?.EventSourceMappings ?? []).flatMap(({ UUID }) => UUID ?? []);
    },
    async enable(UUID, Enabled) {
      await unlessMissing(lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled })));
    },
    destroy: () => lambda.destroy(),
  };
}

// --- Internal helpers ---

/** An answer, or `undefined` when what was asked for is not there. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (isAwsFailure(error, "missing")) return undefined;
    throw error;
  });
}
