// Measures what the operations on a Dict consume of DynamoDB and S3, reckons what calls cost, and writes the tables of
// docs/costs.md: `node scripts/costs.js`. With --calls it writes that of calls only, which needs nothing.
//
// The other ones run on LocalStack, whose DynamoDB is Amazon's own DynamoDB Local and counts request units as DynamoDB does.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { build } from "esbuild";
import { startEmulator } from "../localstack/start.js";
import { callTable } from "./call-costs.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PAGE = join(ROOT, "docs/costs.md");
const KIB = 1_024;
/** The sizes of values, and how many pairs an operation on many pairs is measured with. */
const SIZES = [100, KIB, 3 * KIB, 4 * KIB, 16 * KIB, 64 * KIB, KIB * KIB, 10 * KIB * KIB];
const MANY_SIZES = [100, KIB, 3 * KIB, 16 * KIB, 64 * KIB];
const MANY = 200;
/** USD a unit or request, us-east-1, on demand: aws.amazon.com/dynamodb/pricing, aws.amazon.com/s3/pricing, 2026. */
const PRICES = { read: 0.125e-6, write: 0.625e-6, s3Put: 5e-6, s3Get: 0.4e-6, s3Delete: 0 };

/** What was consumed since it was last set back. */
const used = { read: 0, write: 0, s3Put: 0, s3Get: 0, s3Delete: 0 };

writeTables({ calls: await callTable() });
if (process.argv.includes("--calls")) process.exit(0);
countRequests();
const emulator = await startEmulator({ kind: "localstack" });
try {
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: emulator.rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.rootCredentials.secretAccessKey,
  });
  const dict = await openDict();
  writeTables({ pairs: await measurePairs(dict), many: await measureMany(dict) });
} finally {
  await emulator.stop();
}

// --- Internal helpers ---

function writeTables(tables) {
  let page = readFileSync(PAGE, "utf8");
  for (const [name, table] of Object.entries(tables)) {
    const [from, to] = [`<!-- table: ${name} -->\n`, "<!-- end -->"];
    const start = page.indexOf(from) + from.length;
    page = page.slice(0, start) + table + page.slice(page.indexOf(to, start));
  }
  writeFileSync(PAGE, page);
}

/** Lets every request say what it consumes. */
function countRequests() {
  const dynamo = DynamoDBClient.prototype.send;
  DynamoDBClient.prototype.send = async function (command, ...rest) {
    if (!/Table/.test(command.constructor.name)) command.input.ReturnConsumedCapacity = "TOTAL";
    const answer = await dynamo.call(this, command, ...rest).catch((error) => {
      // A condition that does not hold costs as much as the write: the row is read, and may be written.
      if (error.name === "ConditionalCheckFailedException") used.write += Math.max(1, Math.ceil(sizeOf(error.Item) / KIB));
      throw error;
    });
    const isRead = /^(?:Get|BatchGet|Query)/.test(command.constructor.name);
    for (const { CapacityUnits = 0 } of [answer.ConsumedCapacity ?? []].flat()) used[isRead ? "read" : "write"] += CapacityUnits;
    return answer;
  };
  const s3 = S3Client.prototype.send;
  S3Client.prototype.send = function (command, ...rest) {
    const kind = { PutObjectCommand: "s3Put", GetObjectCommand: "s3Get", DeleteObjectsCommand: "s3Delete" }[command.constructor.name];
    if (kind !== undefined) used[kind] += 1;
    return s3.call(this, command, ...rest);
  };
}

function sizeOf(item) {
  return item === undefined ? 0 : JSON.stringify(item).length;
}

/** The operations of a Dict on a table and a bucket of its own, from the source. */
async function openDict() {
  const options = { endpoint: emulator.endpoint, region: emulator.region };
  const bucket = "costs";
  const { createAwsClients, dataTable, encode, encodeKey, OBJECTS_INDEX, openAwsDict } = await load();
  const text = (AttributeName) => ({ AttributeName, AttributeType: AttributeName === "listedAt" ? "N" : "S" });
  const keys = (hash, range) => [
    { AttributeName: hash, KeyType: "HASH" },
    { AttributeName: range, KeyType: "RANGE" },
  ];
  await new DynamoDBClient(options).send(
    new CreateTableCommand({
      TableName: dataTable("dev"),
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "listed", "listedAt"].map(text),
      KeySchema: keys("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: OBJECTS_INDEX, KeySchema: keys("listed", "listedAt"), Projection: { ProjectionType: "KEYS_ONLY" } },
      ],
    }),
  );
  await new S3Client({ ...options, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: bucket }));
  const clients = createAwsClients(options);
  const port = openAwsDict(() => Promise.resolve(clients), { environment: "dev", bucket: () => Promise.resolve(bucket) });
  const ref = await port.open("costs", { createIfMissing: true });
  return {
    valueOf: (bytes) => encode("x".repeat(bytes - 2)),
    put: (key, value, params) => port.put(ref, encodeKey(key), value, params),
    get: (key) => port.get(ref, encodeKey(key)),
    contains: (key) => port.contains(ref, encodeKey(key)),
    pop: (key) => port.pop(ref, encodeKey(key)),
    update: (entries) =>
      port.update(
        ref,
        entries.map(([key, value]) => ({ key: encodeKey(key), value })),
      ),
    len: () => port.len(ref),
    clear: () => port.clear(ref),
    keys: () => drain(port.keys(ref)),
    entries: () => drain(port.entries(ref)),
  };
}

async function drain(pages) {
  for await (const _ of pages);
}

async function load() {
  const folder = join(ROOT, ".tenon");
  mkdirSync(folder, { recursive: true });
  const outdir = mkdtempSync(join(folder, "costs-"));
  const contents = `
    export { createAwsClients } from "./src/adapters/aws/clients.ts";
    export { openAwsDict } from "./src/adapters/dict/aws-open.ts";
    export { dataTable, OBJECTS_INDEX } from "./src/model/aws-names.ts";
    export { encode } from "./src/wire/codec.ts";
    export { encodeKey } from "./src/wire/key.ts";`;
  try {
    const stdin = { contents, resolveDir: ROOT, loader: "ts" };
    await build({
      stdin,
      bundle: true,
      splitting: true,
      outdir,
      format: "esm",
      platform: "node",
      packages: "external",
      outExtension: { ".js": ".mjs" },
    });
    const loaded = await import(pathToFileURL(join(outdir, "stdin.mjs")).href);
    // What it loads at its first use is there now.
    await Promise.all(
      [
        loaded.createAwsClients({ region: "us-east-1" }).data("warm").get({ pk: "", sk: "" }),
        loaded.createAwsClients({}).s3.find("", ""),
      ].map((one) => one.catch(() => {})),
    );
    return loaded;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** What an operation consumes, when the process has used the Dict a moment ago. */
async function costOf(dict, operation) {
  await dict.len();
  for (const key of Object.keys(used)) used[key] = 0;
  await operation();
  return { ...used };
}

async function measurePairs(dict) {
  const head = ["value", "put, new", "put, replacing", "put, skipped", "get", "contains", "pop"];
  const rows = [];
  for (const size of SIZES) {
    await dict.clear();
    const value = dict.valueOf(size);
    const key = `page-${size}`;
    const costs = [];
    for (const operation of [
      () => dict.put(key, value),
      () => dict.put(key, value),
      () => dict.put(key, value, { skipIfExists: true }),
      () => dict.get(key),
      () => dict.contains(key),
      () => dict.pop(key),
    ])
      costs.push(show(await costOf(dict, operation)));
    rows.push([bytes(size), ...costs]);
  }
  return table(head, rows);
}

async function measureMany(dict) {
  const head = ["value", "update", "len", "keys", "entries", "clear"];
  const rows = [];
  for (const size of MANY_SIZES) {
    await dict.clear();
    const value = dict.valueOf(size);
    const entries = Array.from({ length: MANY }, (_, i) => [`page-${i}`, value]);
    const costs = [];
    for (const operation of [() => dict.update(entries), () => dict.len(), () => dict.keys(), () => dict.entries(), () => dict.clear()]) {
      const cost = await costOf(dict, operation);
      costs.push(show(Object.fromEntries(Object.entries(cost).map(([key, count]) => [key, (count * 1_000) / MANY])), 1));
    }
    rows.push([bytes(size), ...costs]);
  }
  return table(head, rows);
}

function show(cost, times = 1_000_000) {
  const words = { read: "r", write: "w", s3Put: "PUT", s3Get: "GET", s3Delete: "DELETE" };
  const parts = Object.entries(words).filter(([key]) => cost[key] > 0);
  const dollars = Object.entries(PRICES).reduce((sum, [key, price]) => sum + cost[key] * price * times, 0);
  const amount = times === 1 ? dollars.toFixed(5) : dollars.toFixed(2);
  return `${parts.map(([key, word]) => `${Number(cost[key].toFixed(1))} ${word}`).join(" + ") || "0"} ($${amount})`;
}

function bytes(size) {
  if (size < KIB) return `${size} B`;
  return size < KIB * KIB ? `${size / KIB} KiB` : `${size / KIB / KIB} MiB`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}
