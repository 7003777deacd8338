import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { jittered } from "../../util/jitter.ts";
import { type AwsClientOptions, sharedOptions } from "./client-options.ts";
import { newClient } from "./new-client.ts";

/** What an attribute of a row may be: text, a number, bytes, or a list of bytes. */
export type RowValue = string | number | Uint8Array | readonly Uint8Array[];

/** The key of a row: a partition, and a place in its order. */
export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

/** One row of a table. */
export type TableRow = RowKey & { readonly [attribute: string]: RowValue | undefined };

/** A table with the keys `pk` and `sk`. Every read is consistent. Errors of AWS pass as they are. */
export interface Table {
  get(key: RowKey): Promise<TableRow | undefined>;
  /** The rows of different keys, in the order of the keys. */
  getMany(keys: readonly RowKey[]): Promise<readonly (TableRow | undefined)[]>;
  /** Writes new rows, all or none; says `false` when one of the keys is there already. */
  create(rows: readonly TableRow[]): Promise<boolean>;
  /** Writes a row, whatever is there. */
  put(row: TableRow): Promise<void>;
  /** Replaces a row whose attribute has this value; with `undefined`, writes it if there is none. Says whether it did. */
  swap(row: TableRow, attribute: string, before: string | undefined): Promise<boolean>;
  delete(key: RowKey): Promise<void>;
  /** The rows of a partition in their order, with these attributes only. */
  query(pk: string, attributes: readonly string[]): AsyncGenerator<TableRow, void, void>;
  destroy(): void;
}

/** Keys that one BatchGetItem takes. */
const MAX_BATCH = 100;
/** How often a transaction that met another one is tried, and a batch that was not answered in full. */
const MAX_TRIES = 8;

/** A row as DynamoDB has it. */
export type Item = Record<string, AttributeValue>;

/** Connections of one process to DynamoDB. */
const MAX_SOCKETS = 200;
const REQUEST_TIMEOUT_MS = 10_000;

/** The client of DynamoDB for one table. Each of its operations may be repeated, so the SDK does that. */
export function createTable(name: string, options: AwsClientOptions): Table {
  const shared = sharedOptions(options, { maxSockets: MAX_SOCKETS, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  const client = newClient(() => new DynamoDBClient({ ...shared, maxAttempts: 6 }));
  return {
    getMany: (keys) => readMany(client, name, keys),
    create: (rows) => createRows(client, name, rows),
    swap: (row, attribute, before) => swapRow(client, name, row, whileStill(attribute, before)),
    query: (pk, attributes) => queryRows(client, name, pk, attributes),

    async get({ pk, sk }) {
      const { Item: item } = await client.send(new GetItemCommand({ TableName: name, Key: toItem({ pk, sk }), ConsistentRead: true }));
      return item === undefined ? undefined : toRow(item);
    },

    async put(row) {
      await client.send(new PutItemCommand({ TableName: name, Item: toItem(row) }));
    },

    async delete({ pk, sk }) {
      await client.send(new DeleteItemCommand({ TableName: name, Key: toItem({ pk, sk }) }));
    },

    destroy: () => client.destroy(),
  };
}

// --- Internal helpers ---

async function readMany(client: DynamoDBClient, name: string, keys: readonly RowKey[]): Promise<readonly (TableRow | undefined)[]> {
  const found = new Map<string, TableRow>();
  let left: Item[] = keys.map(({ pk, sk }) => toItem({ pk, sk }));
  for (let tries = 0; left.length > 0;) {
    if (tries > 0) await backOff(tries);
    const asked = left.slice(0, MAX_BATCH);
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: { [name]: { Keys: asked, ConsistentRead: true } } }));
    for (const item of answer.Responses?.[name] ?? []) {
      const row = toRow(item);
      found.set(`${row.pk}\n${row.sk}`, row);
    }
    const unprocessed = answer.UnprocessedKeys?.[name]?.Keys ?? [];
    left = [...unprocessed, ...left.slice(MAX_BATCH)];
    tries = unprocessed.length === 0 ? 0 : tries + 1;
    if (tries >= MAX_TRIES)
      throw new ProvisionedThroughputExceededException({
        message: `BatchGetItem left ${unprocessed.length} keys unread.`,
        $metadata: answer.$metadata,
      });
  }
  return keys.map(({ pk, sk }) => found.get(`${pk}\n${sk}`));
}

async function createRows(client: DynamoDBClient, name: string, rows: readonly TableRow[]): Promise<boolean> {
  const items = rows.map((row) => ({ Put: { TableName: name, Item: toItem(row), ConditionExpression: "attribute_not_exists(pk)" } }));
  for (let tries = 1; ; tries++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = (error.CancellationReasons ?? []).map((reason) => reason.Code);
      if (reasons.includes("ConditionalCheckFailed")) return false;
      // Another transaction is writing one of the rows.
      if (!reasons.includes("TransactionConflict") || tries >= MAX_TRIES) throw error;
      await backOff(tries);
    }
  }
}

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
    await client.send(new PutItemCommand({ TableName: name, Item: toItem(row), ...condition }));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

async function* queryRows(
  client: DynamoDBClient,
  name: string,
  pk: string,
  attributes: readonly string[],
): AsyncGenerator<TableRow, void, void> {
  let start: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: name,
        ConsistentRead: true,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: pk } },
        ExpressionAttributeNames: Object.fromEntries(attributes.map((attribute, i) => [`#${i}`, attribute])),
        ProjectionExpression: attributes.map((_, i) => `#${i}`).join(", "),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const item of page.Items ?? []) yield toRow(item);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

async function backOff(tries: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, jittered(Math.min(500, 10 * 2 ** tries))));
}

/** A row as DynamoDB writes it. */
export function toItem(row: TableRow): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(row)) if (value !== undefined) item[name] = toAttribute(value);
  return item;
}

/** A key as DynamoDB writes it. */
export function keyItem({ pk, sk }: RowKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** A value as DynamoDB writes it. */
export function toAttribute(value: RowValue): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (value instanceof Uint8Array) return { B: value };
  return { L: value.map((bytes) => ({ B: bytes })) };
}

/** The row that DynamoDB has written so. */
export function toRow(item: Item): TableRow {
  const row: Record<string, RowValue> = {};
  for (const [name, value] of Object.entries(item)) {
    const found = value.S ?? (value.N === undefined ? value.B : Number(value.N)) ?? value.L?.map((each) => each.B ?? new Uint8Array());
    if (found !== undefined) row[name] = found;
  }
  return row as TableRow;
}
