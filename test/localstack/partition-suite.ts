import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { clientOptions, createTable } from "../helpers/account.ts";
import { describeAws, type EmulatedAws } from "../helpers/emulator.ts";

/** What an account counts of each partition of its tables, held to the limits of `COUNTED`. */
export function testPartition(aws: EmulatedAws): void {
  describeAws(aws)("the limits of a table's partition", () => {
    const root = () => clientOptions(aws.account, aws.account.rootCredentials);
    const dynamo = new DynamoDBClient(root());
    const text = (bytes: number) => ({ S: "x".repeat(bytes) });
    const row = (pk: string, sk: string, kilobytes = 0) => ({
      pk: { S: pk },
      sk: { S: sk },
      ...(kilobytes > 0 && { text: text(kilobytes * 1000) }),
    });
    const throttled = { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } };

    async function table(TableName: string, more: Parameters<typeof createTable>[2] = {}) {
      await createTable(aws.account, TableName, more);
      return {
        put: (pk: string, sk: string, kilobytes = 0) => dynamo.send(new PutItemCommand({ TableName, Item: row(pk, sk, kilobytes) })),
        get: (pk: string, ConsistentRead = true) => dynamo.send(new GetItemCommand({ TableName, Key: row(pk, "1"), ConsistentRead })),
        transact: (...rows: ReturnType<typeof row>[]) =>
          dynamo.send(new TransactWriteItemsCommand({ TransactItems: rows.map((Item) => ({ Put: { TableName, Item } })) })),
        write: (...rows: ReturnType<typeof row>[]) =>
          dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: rows.map((Item) => ({ PutRequest: { Item } })) } })),
        read: (...rows: ReturnType<typeof row>[]) =>
          dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: rows, ConsistentRead: true } } })),
        query: (pk: string) =>
          dynamo.send(
            new QueryCommand({
              TableName,
              KeyConditionExpression: "pk = :p",
              ExpressionAttributeValues: { ":p": { S: pk } },
              ConsistentRead: true,
            }),
          ),
      };
    }

    test("ten units are written to one partition key, and no more; another key has its own", async () => {
      const { put } = await table("tenon-test-writes");
      for (const sk of ["1", "2", "3", "4"]) await put("hot", sk, 2);
      await put("hot", "5");
      await put("hot", "6");
      await expect(put("hot", "7")).rejects.toMatchObject({
        ...throttled,
        throttlingReasons: [
          { reason: "TableWriteKeyRangeThroughputExceeded", resource: expect.stringMatching(/table\/tenon-test-writes$/) },
        ],
      });
      await put("cold", "1");
    });

    test("ten units are read of one partition key: a consistent read of 4 KB is one, another half", async () => {
      const { get, put, query } = await table("tenon-test-reads");
      await put("hot", "1", 8); // two units of reading
      for (let reads = 0; reads < 4; reads += 1) await get("hot");
      await get("hot", false);
      await query("hot").then(({ Count }) => expect(Count).toBe(1));
      await expect(get("hot", false)).rejects.toMatchObject({
        ...throttled,
        throttlingReasons: [{ reason: "TableReadKeyRangeThroughputExceeded" }],
      });
      await expect(query("hot")).rejects.toMatchObject(throttled);
      await get("cold");
    });

    test("a batch gives back the rows of a partition that has no more, and is refused when none could be done", async () => {
      const { put, read, write } = await table("tenon-test-batches");
      await put("hot", "1", 8);
      const answer = await write(row("hot", "2"), row("hot", "3"), row("hot", "4"), row("cold", "1"));
      expect(answer.UnprocessedItems).toEqual({ "tenon-test-batches": [{ PutRequest: { Item: row("hot", "4") } }] });
      await expect(write(row("hot", "5"))).rejects.toMatchObject(throttled);

      for (let reads = 0; reads < 5; reads += 1) await read(row("hot", "1"));
      const { Responses, UnprocessedKeys } = await read(row("hot", "1"), row("cold", "1"));
      expect(Responses).toEqual({ "tenon-test-batches": [row("cold", "1")] });
      expect(UnprocessedKeys).toEqual({ "tenon-test-batches": { Keys: [row("hot", "1")], ConsistentRead: true } });
      await expect(read(row("hot", "1"))).rejects.toMatchObject(throttled);
    });

    test("a transaction costs double, and is cancelled with a reason for each row, in their order", async () => {
      const { put, transact } = await table("tenon-test-transactions");
      for (const sk of ["1", "2", "3", "4"]) await transact(row("hot", sk), row("cold", sk));
      await put("hot", "5");
      await put("hot", "6");
      await expect(transact(row("cold", "9"), row("hot", "9"))).rejects.toMatchObject({
        name: "TransactionCanceledException",
        message: expect.stringContaining("[None, ThrottlingError]"),
        CancellationReasons: [{ Code: "None" }, { Code: "ThrottlingError", Message: expect.stringContaining("Throughput exceeds") }],
      });
    });

    test("a table with provisioned throughput says it in other words", async () => {
      const ProvisionedThroughput = { ReadCapacityUnits: 1000, WriteCapacityUnits: 1000 };
      const { put, transact } = await table("tenon-test-provisioned", { BillingMode: "PROVISIONED", ProvisionedThroughput });
      await put("hot", "1", 10);
      await expect(put("hot", "2")).rejects.toMatchObject({
        name: "ProvisionedThroughputExceededException",
        ThrottlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded" }],
      });
      await expect(transact(row("hot", "2"))).rejects.toMatchObject({ CancellationReasons: [{ Code: "ProvisionedThroughputExceeded" }] });
    });

    test("an item of 400 KB is kept, and not a byte more; so are the sizes of batches and transactions", async () => {
      const TableName = "tenon-test-sizes";
      await createTable(aws.account, TableName);
      const item = (bytes: number) => ({ ...row(`of ${bytes}`, "1"), text: text(bytes) });
      const rest = "pk".length + "of 409000".length + "sk1".length + "text".length;
      const put = (bytes: number) => dynamo.send(new PutItemCommand({ TableName, Item: item(bytes - rest) }));
      await put(400 * 1024);
      await expect(put(400 * 1024 + 1)).rejects.toThrow(/Item size has exceeded the maximum allowed size/);
      const rows = (count: number) => Array.from({ length: count }, (_each, n) => row(`row ${n}`, "1"));
      const batch = (count: number) =>
        dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: rows(count).map((Item) => ({ PutRequest: { Item } })) } }));
      await batch(25);
      await expect(batch(26)).rejects.toMatchObject({ name: "ValidationException" });
      const read = (count: number) => dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: rows(count) } } }));
      await read(100);
      await expect(read(101)).rejects.toMatchObject({ name: "ValidationException" });
      const transact = (count: number) =>
        dynamo.send(new TransactWriteItemsCommand({ TransactItems: rows(count).map((Item) => ({ Put: { TableName, Item } })) }));
      await transact(100);
      await expect(transact(101)).rejects.toMatchObject({ name: "ValidationException" });
    });

    test("a batch reads 16 MB, and gives the other keys back", async () => {
      const TableName = "tenon-test-large-batch";
      await createTable(aws.account, TableName);
      const keys = Array.from({ length: 42 }, (_each, n) => row(`row ${n}`, "1"));
      for (const key of keys) await dynamo.send(new PutItemCommand({ TableName, Item: { ...key, text: text(409_000) } }));
      const { Responses, UnprocessedKeys } = await dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys } } }));
      expect([Responses?.[TableName]?.length, UnprocessedKeys?.[TableName]?.Keys?.length]).toEqual([41, 1]);
    });
  });
}
