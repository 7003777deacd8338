import { BatchGetItemCommand, BatchWriteItemCommand, type DynamoDBClient, type QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { type Item, keyItem, type RowKey, type TableRow, toItem, toRow } from "./table-row.ts";
import { Patience, patiently } from "./patience.ts";

/** Keys that one BatchGetItem takes. */
const MAX_READ_BATCH = 100;
/** Rows that one BatchWriteItem takes. */
const MAX_WRITE_BATCH = 25;
/** Batches under way at the same time. */
const BATCHES_AT_ONCE = 8;

/** Reads and writes many rows of one table. What DynamoDB leaves undone is asked for again, until a deadline, and never dropped. */
export class BatchClient {
  readonly #table: string;
  readonly #client: DynamoDBClient;

  constructor(table: string, client: DynamoDBClient) {
    this.#table = table;
    this.#client = client;
  }

  /** The rows of different keys, in the order of the keys. */
  async read(keys: readonly RowKey[], attributes?: readonly string[]): Promise<readonly (TableRow | undefined)[]> {
    const found = new Map<string, TableRow>();
    const asked = attributes === undefined ? undefined : [...new Set(["pk", "sk", ...attributes])];
    await eachBatch(keys, MAX_READ_BATCH, async (batch) => {
      for (const row of await this.#readBatch(batch, asked)) found.set(textOf(row), row);
    });
    return keys.map((key) => found.get(textOf(key)));
  }

  /** Writes and removes rows of different keys, in no order. When it rejects, some of it may be done. */
  async write(rows: readonly TableRow[], gone: readonly RowKey[]): Promise<void> {
    const puts = rows.map((row): WriteRequest => ({ PutRequest: { Item: toItem(row) } }));
    const deletes = gone.map((key): WriteRequest => ({ DeleteRequest: { Key: keyItem(key) } }));
    await eachBatch([...puts, ...deletes], MAX_WRITE_BATCH, (batch) => this.#writeBatch(batch));
  }

  async #readBatch(keys: readonly RowKey[], attributes: readonly string[] | undefined): Promise<readonly TableRow[]> {
    const found: TableRow[] = [];
    const patience = new Patience();
    for (let left = keys.map(keyItem); left.length > 0;) {
      const RequestItems = { [this.#table]: { Keys: left, ConsistentRead: true, ...projection(attributes) } };
      const answer = await patiently(() => this.#client.send(new BatchGetItemCommand({ RequestItems })));
      for (const item of answer.Responses?.[this.#table] ?? []) found.push(toRow(item));
      left = answer.UnprocessedKeys?.[this.#table]?.Keys ?? [];
      if (left.length > 0 && !(await patience.wait())) throw patience.exhausted(`${left.length} rows were not read`);
    }
    return found;
  }

  async #writeBatch(requests: readonly WriteRequest[]): Promise<void> {
    const patience = new Patience();
    for (let left = requests; left.length > 0;) {
      const RequestItems = { [this.#table]: [...left] };
      const { UnprocessedItems } = await patiently(() => this.#client.send(new BatchWriteItemCommand({ RequestItems })));
      left = (UnprocessedItems?.[this.#table] ?? []) as readonly WriteRequest[];
      if (left.length > 0 && !(await patience.wait())) throw patience.exhausted(`${left.length} rows were not written`);
    }
  }
}

/** The parameters of a read that asks for these attributes only. */
export function projection(
  attributes: readonly string[] | undefined,
): Pick<QueryCommandInput, "ProjectionExpression" | "ExpressionAttributeNames"> {
  if (attributes === undefined) return {};
  return {
    ProjectionExpression: attributes.map((_, i) => `#${i}`).join(", "),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((attribute, i) => [`#${i}`, attribute])),
  };
}

// --- Internal helpers ---

type WriteRequest = { readonly PutRequest: { readonly Item: Item } } | { readonly DeleteRequest: { readonly Key: Item } };

/** Does something with batches of the items, several at the same time. */
async function eachBatch<T>(items: readonly T[], size: number, body: (batch: readonly T[]) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const from = next;
      next += size;
      await body(items.slice(from, from + size));
    }
  };
  await Promise.all(Array.from({ length: Math.min(BATCHES_AT_ONCE, Math.ceil(items.length / size)) }, work));
}

function textOf({ pk, sk }: RowKey): string {
  return `${pk}\n${sk}`;
}
