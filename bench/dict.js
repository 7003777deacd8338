// A pair of a Dict: on this machine against DynamoDB's emulator in Node and against SQLite, on an emulated account against the
// commands of the AWS SDK that do the same.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import Database from "better-sqlite3";
import dynalite from "dynalite";
import { Client, Dict } from "tenon";
import { openAccount } from "./account.js";
import { measure, median, secondsFor } from "./harness.js";

const IN_FLIGHT = 64;
const KEYS = 1_000;
let written = 0;
/**
 * Another value each time: SQLite writes nothing where a row is what it was.
 *
 * @param {number} i
 */
const valueOf = (i) => ({ url: `https://example.org/pages/${i}`, words: i, version: ++written, tags: ["a", "b", "c"] });

/**
 * One store of pairs.
 *
 * @typedef {object} Store
 * @property {(key: string) => unknown} get A value, or a promise of one.
 * @property {(key: string, value: unknown) => unknown} put
 * @property {() => Promise<unknown>} close
 */

const LOCAL = { gets: 20_000, puts: 4_000, single: 100 };
const FAR = { gets: 600, puts: 600, single: 150 };

await measure({
  name: "dict-dynalite",
  what: `get and put of a small pair, ${IN_FLIGHT} in flight; a put of Tenon's is on disk, one of dynalite's in memory`,
  peer: "dynalite",
  metrics: [
    { key: "getsPerSecond", unit: "/s", ratioAtLeast: 20 },
    { key: "putsPerSecond", unit: "/s", ratioAtLeast: 20 },
  ],
  sides: { tenon: () => side(openLocal, LOCAL), dynalite: () => side(openDynalite, FAR) },
});

await measure({
  name: "dict-sqlite",
  what: `get and put of a small pair, ${IN_FLIGHT} in flight; both have each put on disk when it resolves (SQLite: WAL, synchronous=FULL)`,
  peer: "better-sqlite3",
  metrics: [
    { key: "getsPerSecond", unit: "/s", ratioAtLeast: 1 },
    { key: "putsPerSecond", unit: "/s", ratioAtLeast: 1 },
    { key: "onePutMicroseconds", unit: "µs" },
  ],
  sides: { tenon: () => side(openLocal, LOCAL), "better-sqlite3": () => side(openSqlite, LOCAL) },
});

const account = await openAccount();
try {
  await measure({
    name: "dict-aws",
    what: `get and put of a small pair on the emulated account, ${IN_FLIGHT} in flight and one at a time`,
    peer: "sdk",
    metrics: [
      { key: "oneGetMicroseconds", unit: "µs", ratioAtMost: 1.1 },
      { key: "onePutMicroseconds", unit: "µs", ratioAtMost: 1.1 },
      { key: "getsPerSecond", unit: "/s" },
      { key: "putsPerSecond", unit: "/s" },
    ],
    sides: { tenon: () => side(openAws, FAR), sdk: () => side(openSdk, FAR) },
  });
} finally {
  await account.close();
}

/**
 * @param {() => Promise<Store>} open
 * @param {{ gets: number, puts: number, single: number }} counts
 * @returns {Promise<import("./harness.js").Side>}
 */
async function side(open, { gets, puts, single }) {
  const store = await open();
  for (let i = 0; i < KEYS; i++) await store.put(`key-${i}`, valueOf(i));
  return {
    async round() {
      /** @param {number} i */
      const get = async (i) => {
        const found = /** @type {{ words: number } | undefined} */ (await store.get(`key-${i % KEYS}`));
        if (found?.words !== i % KEYS) throw new TypeError(`key-${i % KEYS} gave ${JSON.stringify(found)}`);
      };
      /** @param {number} i */
      const put = async (i) => store.put(`key-${i % KEYS}`, valueOf(i % KEYS));
      return {
        getsPerSecond: gets / (await secondsFor(gets, IN_FLIGHT, get)),
        putsPerSecond: puts / (await secondsFor(puts, IN_FLIGHT, put)),
        oneGetMicroseconds: await one(single, get),
        onePutMicroseconds: await one(single, put),
      };
    },
    close: () => store.close(),
  };
}

/**
 * The median of so many operations, one after the other.
 *
 * @param {number} count
 * @param {(index: number) => Promise<unknown>} operation
 */
async function one(count, operation) {
  const microseconds = [];
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    await operation(i);
    microseconds.push((performance.now() - from) * 1_000);
  }
  return median(microseconds);
}

/** @returns {Promise<Store>} */
async function openLocal() {
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const client = new Client({ backend: "local", stateDir });
  const dict = Dict.fromName("bench", { createIfMissing: true, client });
  return {
    get: (key) => dict.get(key),
    put: (key, value) => dict.put(key, value),
    async close() {
      await client.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** @returns {Promise<Store>} */
async function openSqlite() {
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const database = new Database(join(folder, "bench.db"));
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  database.exec("CREATE TABLE pairs (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID");
  const get = database.prepare("SELECT value FROM pairs WHERE key = ?").pluck();
  const put = database.prepare("INSERT INTO pairs VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  return {
    get: (key) => JSON.parse(/** @type {string} */ (get.get(key))),
    put: (key, value) => put.run(key, JSON.stringify(value)),
    async close() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @returns {Promise<Store>} */
async function openDynalite() {
  const server = dynalite({ createTableMs: 0 });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const store = await openTable({ region: "us-east-1", endpoint: `http://127.0.0.1:${port}`, credentials });
  return {
    ...store,
    async close() {
      await store.close();
      await new Promise((resolve) => server.close(() => resolve(undefined)));
    },
  };
}

/** @returns {Promise<Store>} */
async function openAws() {
  const client = new Client({ backend: "aws", environment: "dev" });
  const dict = Dict.fromName("bench", { createIfMissing: true, client });
  return { get: (key) => dict.get(key), put: (key, value) => dict.put(key, value), close: () => client.close() };
}

/** @returns {Promise<Store>} */
function openSdk() {
  return openTable({});
}

/**
 * A pair as an item of a table with the keys that Tenon's have, by the commands that Tenon sends.
 *
 * @param {import("@aws-sdk/client-dynamodb").DynamoDBClientConfig} options
 * @returns {Promise<Store>}
 */
async function openTable(options) {
  const client = new DynamoDBClient(options);
  const TableName = `bench-${process.pid}-${Date.now()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  return {
    async get(key) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: { pk: { S: "bench" }, sk: { S: key } }, ConsistentRead: true }),
      );
      return JSON.parse(Item?.["value"]?.S ?? "null");
    },
    put: (key, value) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: { pk: { S: "bench" }, sk: { S: key }, value: { S: JSON.stringify(value) } },
          ReturnValues: "ALL_OLD",
        }),
      ),
    close: async () => client.destroy(),
  };
}
