import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { AwsClientOptions } from "./client-options.ts";
import { type Item, keyItem, type RowKey, type RowValue, type TableRow, toAttribute, toItem, toRow } from "./table-row.ts";
import { BatchClient, projection } from "./data-batches.ts";
import { openClient } from "./open-client.ts";
import { patiently } from "./patience.ts";

/** What a row must be for a write to happen. */
export interface RowCondition {
  /** Nothing is there, or only what has expired by then; epoch seconds in its attribute `expiresAt`. */
  readonly deadAt: number;
}

/** Which rows of a partition to read, and what of them. */
export interface PageParams {
  /** What their sort keys begin with. */
  readonly prefix: string;
  /** The attributes to read. @default - all */
  readonly attributes?: readonly string[] | undefined;
  /** Where the page before ended. */
  readonly after?: RowKey | undefined;
  /** At most so many rows. @default - what fits into 1 MB */
  readonly limit?: number | undefined;
}

/** Which rows of an index to read. */
export interface IndexParams {
  readonly index: string;
  readonly hash: { readonly name: string; readonly value: string };
  /** Sorts the rows; only those below `below` are given. */
  readonly range: { readonly name: string; readonly below?: number | undefined };
  readonly descending?: boolean | undefined;
  /** Where the page before ended. */
  readonly after?: IndexStart | undefined;
}

/** Where a page of an index ended: only the same table reads it. */
export interface IndexStart {
  readonly item: unknown;
}

/**
 * A table whose rows say what was there before, with the keys `pk` and `sk`. Every read is consistent, those of an index
 * excepted. Throttled requests are repeated, with jitter, for up to a minute; other errors of AWS pass as they are.
 */
export interface DataTable {
  get(key: RowKey): Promise<TableRow | undefined>;
  /** The rows of different keys, in the order of the keys, with these attributes only. */
  getMany(keys: readonly RowKey[], attributes?: readonly string[]): Promise<readonly (TableRow | undefined)[]>;
  /** Writes a row, if it may; says what is there when it may not, and what was there when it did. */
  replace(row: TableRow, condition?: RowCondition): Promise<{ readonly written: boolean; readonly before: TableRow | undefined }>;
  /** Sets attributes of a row in which one has this value; says whether there was such a row. */
  set(key: RowKey, values: Readonly<Record<string, RowValue>>, where: { readonly name: string; readonly value: string }): Promise<boolean>;
  /** Removes a row and gives it; of several callers one gets it. */
  remove(key: RowKey): Promise<TableRow | undefined>;
  /** Removes a row in which an attribute has this value and writes another row, both or neither; says whether it did. */
  exchange(gone: { readonly key: RowKey; readonly name: string; readonly value: string }, row: TableRow): Promise<boolean>;
  /** Writes and removes rows of different keys, in no order. When it rejects, some of it may be done. */
  writeMany(rows: readonly TableRow[], gone?: readonly RowKey[]): Promise<void>;
  page(pk: string, params: PageParams): Promise<{ readonly rows: readonly TableRow[]; readonly next: RowKey | undefined }>;
  /** The keys of rows in an index, in its order, and where the next page begins. */
  indexPage(params: IndexParams): Promise<{ readonly keys: readonly RowKey[]; readonly next: IndexStart | undefined }>;
  destroy(): void;
}

const MAX_SOCKETS = 200;
const REQUEST_TIMEOUT_MS = 10_000;

/** The client of DynamoDB for one such table. */
export function createDataTable(name: string, options: AwsClientOptions): DataTable {
  return new DataTableClient(name, options);
}

// --- Internal helpers ---

class DataTableClient implements DataTable {
  readonly #name: string;
  readonly #client: DynamoDBClient;
  readonly #batches: BatchClient;

  constructor(name: string, options: AwsClientOptions) {
    const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: REQUEST_TIMEOUT_MS, service: "dynamodb" } as const;
    this.#name = name;
    // What is throttled, `patiently` repeats; the SDK's own pauses would grow to many seconds.
    this.#client = openClient(options, limits, (shared) => new DynamoDBClient({ ...shared, maxAttempts: 3 }));
    this.#batches = new BatchClient(name, this.#client);
  }

  async get(key: RowKey): Promise<TableRow | undefined> {
    const get = new GetItemCommand({ TableName: this.#name, Key: keyItem(key), ConsistentRead: true });
    const { Item } = await patiently(() => this.#client.send(get));
    return Item === undefined ? undefined : toRow(Item);
  }

  getMany(keys: readonly RowKey[], attributes?: readonly string[]): Promise<readonly (TableRow | undefined)[]> {
    return this.#batches.read(keys, attributes);
  }

  async replace(row: TableRow, condition?: RowCondition): ReturnType<DataTable["replace"]> {
    const put = new PutItemCommand({
      TableName: this.#name,
      Item: toItem(row),
      ReturnValues: "ALL_OLD",
      ...(condition === undefined
        ? {}
        : {
            ConditionExpression: "attribute_not_exists(pk) OR expiresAt <= :dead",
            ExpressionAttributeValues: { ":dead": { N: String(condition.deadAt) } },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
    });
    try {
      const { Attributes } = await patiently(() => this.#client.send(put));
      return { written: true, before: Attributes === undefined ? undefined : toRow(Attributes) };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { written: false, before: error.Item === undefined ? undefined : toRow(error.Item) };
    }
  }

  set(key: RowKey, values: Readonly<Record<string, RowValue>>, where: { readonly name: string; readonly value: string }): Promise<boolean> {
    const names = Object.keys(values);
    const update = new UpdateItemCommand({
      TableName: this.#name,
      Key: keyItem(key),
      UpdateExpression: `SET ${names.map((_, i) => `#${i} = :${i}`).join(", ")}`,
      ConditionExpression: "#where = :where",
      ExpressionAttributeNames: { "#where": where.name, ...Object.fromEntries(names.map((each, i) => [`#${i}`, each])) },
      ExpressionAttributeValues: {
        ":where": { S: where.value },
        ...Object.fromEntries(Object.values(values).map((value, i) => [`:${i}`, toAttribute(value)])),
      },
    });
    return happened(() => patiently(() => this.#client.send(update)));
  }

  async remove(key: RowKey): Promise<TableRow | undefined> {
    const remove = new DeleteItemCommand({ TableName: this.#name, Key: keyItem(key), ReturnValues: "ALL_OLD" });
    const { Attributes } = await patiently(() => this.#client.send(remove));
    return Attributes === undefined ? undefined : toRow(Attributes);
  }

  exchange(gone: { readonly key: RowKey; readonly name: string; readonly value: string }, row: TableRow): Promise<boolean> {
    const Delete = {
      TableName: this.#name,
      Key: keyItem(gone.key),
      ConditionExpression: "#name = :value",
      ExpressionAttributeNames: { "#name": gone.name },
      ExpressionAttributeValues: { ":value": { S: gone.value } },
    };
    const Put = { TableName: this.#name, Item: toItem(row) };
    const exchange = new TransactWriteItemsCommand({ TransactItems: [{ Delete }, { Put }] });
    return happened(() => patiently(() => this.#client.send(exchange)));
  }

  writeMany(rows: readonly TableRow[], gone: readonly RowKey[] = []): Promise<void> {
    return this.#batches.write(rows, gone);
  }

  async page(pk: string, { prefix, attributes, after, limit }: PageParams): ReturnType<DataTable["page"]> {
    const query = new QueryCommand({
      TableName: this.#name,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": { S: pk }, ":prefix": { S: prefix } },
      ...projection(attributes),
      ...(limit === undefined ? {} : { Limit: limit }),
      ...(after === undefined ? {} : { ExclusiveStartKey: keyItem(after) }),
    });
    const { Items = [], LastEvaluatedKey } = await patiently(() => this.#client.send(query));
    return { rows: Items.map(toRow), next: LastEvaluatedKey === undefined ? undefined : keyOf(LastEvaluatedKey) };
  }

  async indexPage({ index, hash, range, descending = false, after }: IndexParams): ReturnType<DataTable["indexPage"]> {
    const below = range.below === undefined ? undefined : { N: String(range.below) };
    const query = new QueryCommand({
      TableName: this.#name,
      IndexName: index,
      KeyConditionExpression: below === undefined ? "#hash = :hash" : "#hash = :hash AND #range < :below",
      ExpressionAttributeNames: { "#hash": hash.name, ...(below === undefined ? {} : { "#range": range.name }) },
      ExpressionAttributeValues: { ":hash": { S: hash.value }, ...(below === undefined ? {} : { ":below": below }) },
      ScanIndexForward: !descending,
      ...(after === undefined ? {} : { ExclusiveStartKey: after.item as Item }),
    });
    const { Items = [], LastEvaluatedKey } = await patiently(() => this.#client.send(query));
    return { keys: Items.map(keyOf), next: LastEvaluatedKey === undefined ? undefined : { item: LastEvaluatedKey } };
  }

  destroy(): void {
    this.#client.destroy();
  }
}

/** Whether a conditional write happened; other errors pass. */
async function happened(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    if (!(error instanceof TransactionCanceledException)) throw error;
    if (error.CancellationReasons?.some(({ Code }) => Code === "ConditionalCheckFailed") === true) return false;
    throw error;
  }
}

function keyOf(item: Item): RowKey {
  return { pk: item["pk"]?.S ?? "", sk: item["sk"]?.S ?? "" };
}
