import type { AwsClientOptions } from "./client-options.ts";
import { createTable, type Table } from "./dynamodb.ts";
import { createLambdaApi, type LambdaApi } from "./lambda.ts";
import { createLambdaEvents, type LambdaEvents } from "./lambda-events.ts";
import { createS3Api, type S3Api } from "./s3.ts";
import { createInputQueues, createSendQueue, type InputQueues, type SendQueue } from "./sqs.ts";
import { createSsmApi, type SsmApi } from "./ssm.ts";

/** The services that Tenon's runtime talks to; each client is made when it is first used. */
export interface AwsClients {
  readonly lambda: LambdaApi;
  readonly s3: S3Api;
  readonly ssm: SsmApi;
  readonly events: LambdaEvents;
  readonly inputs: InputQueues;
  table(name: string): Table;
  queue(url: string): SendQueue;
  /** Closes the sockets of those that were made. */
  destroy(): void;
}

/** Makes the clients. This file brings the AWS SDK along: import it when the first operation needs it. */
export function createAwsClients(options: AwsClientOptions): AwsClients {
  let lambda: LambdaApi | undefined;
  let s3: S3Api | undefined;
  let ssm: SsmApi | undefined;
  let events: LambdaEvents | undefined;
  let inputs: InputQueues | undefined;
  const tables = new Map<string, Table>();
  const queues = new Map<string, SendQueue>();
  return {
    get lambda() {
      return (lambda ??= createLambdaApi(options));
    },
    get s3() {
      return (s3 ??= createS3Api(options));
    },
    get ssm() {
      return (ssm ??= createSsmApi(options));
    },
    get events() {
      return (events ??= createLambdaEvents(options));
    },
    get inputs() {
      return (inputs ??= createInputQueues(options));
    },
    table(name) {
      const table = tables.get(name) ?? createTable(name, options);
      tables.set(name, table);
      return table;
    },
    queue(url) {
      const queue = queues.get(url) ?? createSendQueue(url, options);
      queues.set(url, queue);
      return queue;
    },
    destroy() {
      for (const made of [lambda, s3, ssm, events, inputs, ...tables.values(), ...queues.values()]) made?.destroy();
    },
  };
}
