import { afterEach, describe, expect, test } from "vitest";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import type { DataTable } from "../../../src/adapters/aws/data-table.ts";
import { createAwsDict } from "../../../src/adapters/dict/aws.ts";
import { openAwsDict } from "../../../src/adapters/dict/aws-open.ts";
import { encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";
import { type Answer, type FaultyDynamoDb, startFaultyDynamoDb, throttled } from "./faulty-dynamodb.ts";

process.env["AWS_ACCESS_KEY_ID"] ??= "test";
process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";

let server: FaultyDynamoDb;
let clients: ReturnType<typeof createAwsClients>;

afterEach(async () => {
  clients.destroy();
  await server.close();
});

async function tableOn(answer: (operation: string, body: Record<string, unknown>) => Answer): Promise<DataTable> {
  server = await startFaultyDynamoDb(answer);
  clients = createAwsClients({ region: "us-east-1", endpoint: server.endpoint });
  return clients.data("t");
}

const key = (i: number) => ({ pk: "p", sk: String(i) });

describe("what DynamoDB leaves undone", () => {
  test("of a batch of writes is asked for again until all of it is done, each once more", async () => {
    const written = new Map<string, number>();
    const table = await tableOn((_, { RequestItems }) => {
      const requests = (
        RequestItems as { t: { PutRequest?: { Item: { sk: { S: string } } }; DeleteRequest?: { Key: { sk: { S: string } } } }[] }
      ).t;
      // Takes a third of what it is given, and nothing at first.
      const taken = written.size === 0 && server.requests.length === 1 ? [] : requests.slice(0, Math.ceil(requests.length / 3));
      for (const { PutRequest, DeleteRequest } of taken) {
        const { S } = (PutRequest?.Item ?? DeleteRequest!.Key).sk;
        written.set(S, (written.get(S) ?? 0) + 1);
      }
      const left = requests.slice(taken.length);
      return [200, { UnprocessedItems: left.length === 0 ? {} : { t: left } }];
    });
    await table.writeMany(
      Array.from({ length: 40 }, (_, i) => key(i)),
      Array.from({ length: 20 }, (_, i) => key(100 + i)),
    );
    expect(written.size).toBe(60);
    expect([...written.values()].every((times) => times === 1)).toBe(true);
    const sizes = server.requests.map(({ body }) => (body["RequestItems"] as { t: unknown[] }).t.length);
    expect(Math.max(...sizes)).toBe(25);
  });

  test("of a batch of reads likewise", async () => {
    const table = await tableOn((_, { RequestItems }) => {
      const { Keys } = (RequestItems as { t: { Keys: { sk: { S: string } }[] } }).t;
      const given = Keys.slice(0, 30);
      const left = Keys.slice(30);
      return [200, { Responses: { t: given }, UnprocessedKeys: left.length === 0 ? {} : { t: { Keys: left } } }];
    });
    const keys = Array.from({ length: 150 }, (_, i) => key(i));
    expect(await table.getMany(keys)).toEqual(keys);
  });

  test("because it is throttled is asked for again, beyond the SDK's own tries", async () => {
    let left = 8;
    const table = await tableOn(() => (left-- > 0 ? throttled : [200, { Item: { pk: { S: "p" }, sk: { S: "1" } } }]));
    expect(await table.get(key(1))).toEqual(key(1));
    expect(server.requests).toHaveLength(9);
  });
});

describe("a write whose answer is lost, and which is repeated", () => {
  test("as a put that skips is a put that wrote", async () => {
    // The row that the first request has written is there when the second one comes.
    const table = await tableOn((operation, body) => {
      if (operation !== "PutItem") return [200, {}];
      return [
        400,
        {
          __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
          message: "The conditional request failed",
          Item: body["Item"],
        },
      ];
    });
    const dict = createAwsDict({ environment: "dev", table, objects: { put: never, find: never, remove: never } });
    expect(await dict.put({ name: "seen", id: "di-1" }, encodeKey("a"), encode(1), { skipIfExists: true })).toBe(true);
  });

  test("as a put does not take its own value for the one before", async () => {
    const removed: unknown[] = [];
    const table = await tableOn((operation, body) => {
      if (operation === "BatchWriteItem") removed.push(body);
      return [200, operation === "PutItem" ? { Attributes: body["Item"] } : {}];
    });
    const dict = createAwsDict({ environment: "dev", table, objects: { put: never, find: never, remove: never } });
    expect(await dict.put({ name: "seen", id: "di-1" }, encodeKey("a"), encode("x".repeat(5_000)))).toBe(true);
    expect(removed).toEqual([]);
  });
});

describe("what AWS refuses", () => {
  const ref = { name: "seen", id: "di-1" };
  const refusal = (type: string, message: string): Answer => [400, { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message }];

  test.each([
    ["AccessDeniedException", "no", "PermissionDeniedError", "dynamodb:GetItem"],
    ["ResourceNotFoundException", "no table", "NotFoundError", 'Environment "dev" is not deployed'],
    ["ValidationException", "The table does not have the specified index: objects", "NotFoundError", "older than this version"],
    ["ValidationException", "Something else", "InternalFailure", "Something else"],
  ])("as %s (%s) is a %s", async (type, said, name, message) => {
    await tableOn(() => refusal(type, said));
    const dict = openAwsDict(() => Promise.resolve(clients), { environment: "dev", bucket: () => Promise.resolve("b") });
    await expect(dict.get(ref, encodeKey("a"))).rejects.toThrow(
      expect.objectContaining({ name, message: expect.stringContaining(message) as string }) as Error,
    );
  });

  test("or what nobody answers is said in words", async () => {
    await tableOn(() => throttled);
    await server.close();
    const dict = openAwsDict(() => Promise.resolve(clients), { environment: "dev", bucket: () => Promise.resolve("b") });
    await expect(dict.get(ref, encodeKey("a"))).rejects.toThrow("Amazon DynamoDB can't be reached");
  });
});

function never(): Promise<never> {
  throw new TypeError("nothing of this lies in S3");
}
