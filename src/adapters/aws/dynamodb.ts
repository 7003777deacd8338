import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { AwsClientOptions } from "./client-options.ts";
import { BatchClient, projection } from "./data-batches.ts";
import { openClient } from "./open-client.ts";
import { patiently } from "./patience.ts";
import { type Item, keyItem, type RowKey, type TableRow, toItem, toRow } from "./table-row.ts";

/**
 * A table with the keys `pk` and `sk`. Every read is consistent. Throttled requests are repeated, with jitter, for up to a minute;
 * other errors of AWS pass as they are.
 */
export interface Table {
  get(key: RowKey): Promise<TableRow | undefined>;
  /** The rows of different keys, in the order of the keys. */
  getMany(keys: readonly RowKey[]): Promise<readonly (TableRow | undefined)[]>;
  /** Writes a row, whatever is there. */
  put(row: TableRow): Promise<void>;
  /** Replaces a row whose attribute has this value; with `undefined`, writes it if there is none. Says whether it did. */
  swap(row: TableRow, attribute: string, before: string | undefined): Promise<boolean>;
  delete(key: RowKey): Promise<void>;
  /** The rows of a partition in their order, with these attributes only, beginning after a sort key. */
  query(pk: string, attributes: readonly string[], after?: string): AsyncGenerator<TableRow, void, void>;
  destroy(): void;
}

/** Connections of one process to DynamoDB. */
const MAX_SOCKETS = 200;
const REQUEST_TIMEOUT_MS = 10_000;

/** The client of DynamoDB for one table. Each of its operations may be repeated, so the SDK does that. */
export function createTable(name: string, options: AwsClientOptions): Table {
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: REQUEST_TIMEOUT_MS, service: "dynamodb" } as const;
  const client = openClient(options, limits, (shared) => new DynamoDBClient({ ...shared, maxAttempts: 6 }));
  const batches = new BatchClient(name, client);
  return {
    getMany: (keys) => batches.read(keys),
    swap: (row, attribute, before) => swapRow(client, name, row, whileStill(attribute, before)),
    query: (pk, attributes, after) => queryRows(client, { name, pk, attributes, after }),

    async get(key) {
      const read = new GetItemCommand({ TableName: name, Key: keyItem(key), ConsistentRead: true });
      const { Item: item } = await patiently(() => client.send(read));
      return item === undefined ? undefined : toRow(item);
    },

    async put(row) {
      await patiently(() => client.send(new PutItemCommand({ TableName: name, Item: toItem(row) })));
    },

    async delete(key) {
      await patiently(() => client.send(new DeleteItemCommand({ TableName: name, Key: keyItem(key) })));
    },

    destroy: () => client.destroy(),
  };
}

// --- Internal helpers ---

/** The condition that an attribute of a row has this value; with `undefined`, that there is no row. */
function whileStill(attribute: string, before: string | undefined): Partial<PutItemCommandInput> {
  if (before === undefined) return { ConditionExpression: "attribute_not_exists(pk)" };
  return {
    ConditionExpression: "#attribute = :before",
    ExpressionAttributeNames: { "#attribute": attribute },
    ExpressionAttributeValues: { ":before": { S: before } },
  };
}

async function swapRow(client: DynamoDBClient, name: string, row: TableRow, condition: Partial<PutItemCommandInput>): Promise<boolean> {
  try {
    await patiently(() => client.send(new PutItemCommand({ TableName: name, Item: toItem(row), ...condition })));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function* queryRows(
  client: DynamoDBClient,
  { name, pk, attributes, after }: { name: string; pk: string; attributes: readonly string[]; after: string | undefined },
): AsyncGenerator<TableRow, void, void> {
  let start: Item | undefined = after === undefined ? undefined : keyItem({ pk, sk: after });
  do {
    const query = new QueryCommand({
      TableName: name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: pk } },
      ...projection(attributes),
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
    const page = await patiently(() => client.send(query));
    for (const item of page.Items ?? []) yield toRow(item);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
