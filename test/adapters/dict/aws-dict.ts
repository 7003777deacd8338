import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import type { DataTable } from "../../../src/adapters/aws/data-table.ts";
import { createAwsDict, type AwsDict } from "../../../src/adapters/dict/aws.ts";
import type { ValueObjects } from "../../../src/adapters/dict/aws-values.ts";
import { OBJECTS_INDEX } from "../../../src/model/aws-names.ts";
import type { Emulator } from "../../../localstack/start.js";

/** Dicts on a table and in a bucket of their own, with a clock that a test may set. */
export interface TestAwsDict {
  readonly dict: AwsDict;
  readonly table: DataTable;
  readonly objects: ValueObjects;
  readonly bucket: string;
  readonly clients: ReturnType<typeof createAwsClients>;
  /** Moves the clock on. */
  pass(ms: number): void;
  nowMs(): number;
  /** Another process's view of the same Dicts. */
  another(): AwsDict;
  /** Sort keys of all rows whose partition begins so. */
  rows(pk: string): Promise<readonly string[]>;
  objectKeys(): Promise<readonly string[]>;
  close(): Promise<void>;
}

let opened = 0;

export async function openTestAwsDict(account: Emulator): Promise<TestAwsDict> {
  const name = `tenon-dict-${process.pid}-${Date.now()}-${++opened}`;
  const options = { region: account.region, endpoint: account.endpoint };
  process.env["AWS_ACCESS_KEY_ID"] = account.rootCredentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = account.rootCredentials.secretAccessKey;
  const db = new DynamoDBClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  await db.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
        { AttributeName: "listed", AttributeType: "S" },
        { AttributeName: "listedAt", AttributeType: "N" },
      ],
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: OBJECTS_INDEX,
          KeySchema: [
            { AttributeName: "listed", KeyType: "HASH" },
            { AttributeName: "listedAt", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: name }));

  const clients = createAwsClients(options);
  const table = clients.data(name);
  const objects: ValueObjects = {
    put: (key, bytes) => clients.s3.put(name, key, bytes),
    find: (key) => clients.s3.find(name, key),
    remove: (keys) => clients.s3.remove(name, keys),
  };
  let passedMs = 0;
  const nowMs = (): number => Date.now() + passedMs;
  const another = (): AwsDict => createAwsDict({ environment: "dev", table, objects, createdBy: async () => "tester", nowMs });
  return {
    dict: another(),
    table,
    objects,
    bucket: name,
    clients,
    another,
    nowMs,
    pass: (ms) => void (passedMs += ms),
    async rows(pk) {
      const { Items = [] } = await db.send(new ScanCommand({ TableName: name }));
      return Items.filter((item) => item["pk"]?.S?.startsWith(pk) === true).map((item) => item["sk"]?.S ?? "");
    },
    async objectKeys() {
      const keys: string[] = [];
      for await (const page of clients.s3.list(name, "")) keys.push(...page.map(({ key }) => key));
      return keys;
    },
    async close() {
      await db.send(new DeleteTableCommand({ TableName: name }));
      for (const client of [db, s3, clients]) client.destroy();
    },
  };
}
