import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { toItem } from "../../../src/adapters/aws/table-row.ts";
import type { AwsDict } from "../../../src/adapters/dict/aws.ts";
import { openAwsDict } from "../../../src/adapters/dict/aws-open.ts";
import { pairKey } from "../../../src/adapters/dict/aws-rows.ts";
import { decode, encode } from "../../../src/wire/codec.ts";
import { encodeItem } from "../../../src/wire/item.ts";
import { encodeKey, keyText } from "../../../src/wire/key.ts";
import { packObject } from "../../../src/wire/value-object.ts";
import { type FaultyDynamoDb, startFaultyDynamoDb } from "./faulty-dynamodb.ts";

// A container may read the objects of its Dicts and not list the bucket: S3 answers it with 403 for one that is not there.
process.env["AWS_ACCESS_KEY_ID"] ??= "test";
process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";

const ref = { name: "seen", id: "di-1" };
const key = encodeKey("a");
let dynamo: FaultyDynamoDb;
let bucket: Server;
let versions: string[];
let asked: string[];
let dict: AwsDict;
let close: () => void;

beforeEach(async () => {
  asked = [];
  dynamo = await startFaultyDynamoDb(() => {
    // The last one stays.
    const version = versions.length > 1 ? versions.shift() : versions[0];
    if (version === undefined) return [200, {}];
    const row = { ...pairKey(ref, key), key: keyText(key), version, at: "object", expiresAt: Math.ceil(Date.now() / 1_000) + 7 * 86_400 };
    return [200, { Item: toItem(row) }];
  });
  bucket = createServer((request, response) => {
    const version = new URL(request.url ?? "", "http://s3").pathname.split("/").at(-1) ?? "";
    asked.push(version);
    const value = encode(`the value of ${version}`);
    if (version === "there") response.end(Buffer.from(packObject({ text: encodeItem(value), parts: value.parts })));
    else
      response.writeHead(403, { "content-type": "application/xml" }).end("<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
  }).listen(0, "127.0.0.1");
  await once(bucket, "listening");
  const region = "us-east-1";
  const rows = createAwsClients({ region, endpoint: dynamo.endpoint });
  const objects = createAwsClients({ region, endpoint: `http://127.0.0.1:${(bucket.address() as AddressInfo).port}` });
  dict = openAwsDict(async () => ({ ...rows, s3: objects.s3 }), { environment: "dev", bucket: async () => "b" });
  close = () => {
    rows.destroy();
    objects.destroy();
  };
});
afterEach(async () => {
  close();
  bucket.close();
  await dynamo.close();
});

test("a value that was replaced while it was to be read is read again, although S3 says that it is denied", async () => {
  versions = ["replaced", "there"];
  expect(decode((await dict.get(ref, key))!)).toBe("the value of there");
  expect(asked).toEqual(["replaced", "there"]);
});

test("a value that its pair still names is denied, or not there; the error says both, after it has looked twice", async () => {
  versions = ["denied"];
  await expect(dict.get(ref, key)).rejects.toThrow(
    expect.objectContaining({
      name: "PermissionDeniedError",
      message: expect.stringContaining("is not there, or the caller may not read it") as string,
    }) as Error,
  );
  expect(dynamo.requests.length).toBe(2);
  expect(asked).toEqual(["denied"]);
});
