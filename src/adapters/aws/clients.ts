import type { AwsClientOptions } from "./client-options.ts";
import type { DataTable } from "./data-table.ts";
import type { Table } from "./dynamodb.ts";
import type { LambdaApi } from "./lambda.ts";
import type { LambdaEvents } from "./lambda-events.ts";
import { lazyApi } from "./lazy-api.ts";
import type { S3Api } from "./s3.ts";
import type { InputQueues, SendQueue } from "./sqs.ts";
import type { SsmApi } from "./ssm.ts";

/** The services that Tenon's runtime talks to. The AWS SDK's part for each is loaded at the first request to it. */
export interface AwsClients {
  readonly lambda: LambdaApi;
  readonly s3: S3Api;
  readonly ssm: SsmApi;
  readonly events: LambdaEvents;
  readonly inputs: InputQueues;
  table(name: string): Table;
  data(name: string): DataTable;
  queue(url: string): SendQueue;
  /** Closes the sockets of those that were used. */
  destroy(): void;
}

/** Makes the clients; nothing is loaded yet. */
export function createAwsClients(options: AwsClientOptions): AwsClients {
  const apis = {
    lambda: lazyApi<LambdaApi>(async () => (await import("./lambda.ts")).createLambdaApi(options), {}),
    s3: lazyApi<S3Api>(async () => (await import("./s3.ts")).createS3Api(options), { list: true }),
    ssm: lazyApi<SsmApi>(async () => (await import("./ssm.ts")).createSsmApi(options), {}),
    events: lazyApi<LambdaEvents>(async () => (await import("./lambda.ts")).createLambdaEvents(options), {}),
    inputs: lazyApi<InputQueues>(async () => (await import("./sqs.ts")).createInputQueues(options), {}),
  };
  const tables = remember((name) =>
    lazyApi<Table>(async () => (await import("./dynamodb.ts")).createTable(name, options), { query: true }),
  );
  const datas = remember((name) => lazyApi<DataTable>(async () => (await import("./data-table.ts")).createDataTable(name, options), {}));
  const queues = remember((url) => lazyApi<SendQueue>(async () => (await import("./sqs.ts")).createSendQueue(url, options), {}));
  return {
    ...apis,
    table: tables.get,
    data: datas.get,
    queue: queues.get,
    destroy() {
      for (const made of [...Object.values(apis), ...tables.made(), ...datas.made(), ...queues.made()]) made.destroy();
    },
  };
}

// --- Internal helpers ---

/** Makes one thing for each name, and remembers it. */
function remember<T>(make: (name: string) => T): { get(name: string): T; made(): Iterable<T> } {
  const known = new Map<string, T>();
  return {
    get(name) {
      const found = known.get(name) ?? make(name);
      known.set(name, found);
      return found;
    },
    made: () => known.values(),
  };
}
