import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SQSClient, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { beforeAll, expect, test } from "vitest";
import { startEmulator, type Emulator } from "../../localstack/start.js";
import { clientOptions, createFunction, createTable, invoke } from "../helpers/account.ts";
import { describeAws } from "../helpers/emulator.ts";
import type { EmulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { chunked, presigned, send, signed, type Signing, type Wire } from "./signing.ts";
import { listeningSockets, processesBelow, unlessGone } from "./sockets.ts";

type Credentials = Emulator["credentials"];

const TABLE = "tenon-test-access";
const BUCKET = "tenon-test-access";
const Key = { pk: { S: "in#app#fn" }, sk: { S: "fc-1" } };

/** Who is served by an emulated account, whichever emulator it is of. */
export function testAccess(aws: EmulatedAws): void {
  describeAws(aws)("an emulated account", () => {
    const { account } = aws;
    const host = new URL(account.endpoint).host;

    const optionsOf = (credentials: Credentials) => ({ ...clientOptions(account, credentials), forcePathStyle: true });
    /** A call of each protocol. */
    const calls = (credentials: Credentials): Readonly<Record<string, Promise<unknown>>> => ({
      json: new DynamoDBClient(optionsOf(credentials)).send(new GetItemCommand({ TableName: TABLE, Key })),
      jsonOfSqs: new SQSClient(optionsOf(credentials)).send(new ListQueuesCommand({})),
      form: new STSClient(optionsOf(credentials)).send(new GetCallerIdentityCommand({})),
      rest: new LambdaClient(optionsOf(credentials)).send(new InvokeCommand({ FunctionName: "tenon-test-access", Payload: "{}" })),
      s3: new S3Client(optionsOf(credentials)).send(new ListBucketsCommand({})),
    });
    /** The name and status of the error of each. */
    async function errorsOf(credentials: Credentials): Promise<Readonly<Record<string, string>>> {
      const names = Object.entries(calls(credentials)).map(async ([protocol, call]) => {
        const said = await call.then(
          () => "served",
          (error: { name: string; $metadata: { httpStatusCode?: number } }) => `${error.name} ${error.$metadata.httpStatusCode}`,
        );
        return [protocol, said];
      });
      return Object.fromEntries(await Promise.all(names)) as Record<string, string>;
    }
    const root = (service: string, more: Partial<Signing> = {}): Signing => ({ credentials: account.rootCredentials, service, ...more });
    const identity: Wire = {
      method: "POST",
      path: "/",
      headers: { host, "content-type": "application/x-www-form-urlencoded" },
      body: "Action=GetCallerIdentity&Version=2011-06-15",
    };
    const object = (body = "", method = "PUT", key = "key"): Wire => ({ method, path: `/${BUCKET}/${key}`, headers: { host }, body });
    const sendHere = (wire: Wire) => send(account.endpoint, wire);

    beforeAll(async () => {
      await createTable(account, TABLE);
      await new S3Client(optionsOf(account.rootCredentials)).send(new CreateBucketCommand({ Bucket: BUCKET }));
      await createFunction(account, "tenon-test-access", "export const handler = async () => process.env;");
    });

    test("serves its root, and refuses a wrong secret", async () => {
      for (const [protocol, call] of Object.entries(calls(account.rootCredentials))) await expect(call, protocol).resolves.toBeDefined();
      expect(await errorsOf({ ...account.rootCredentials, secretAccessKey: "guessed" })).toEqual({
        json: "InvalidSignatureException 403",
        jsonOfSqs: "InvalidSignatureException 403",
        form: "SignatureDoesNotMatch 403",
        rest: "InvalidSignatureException 403",
        s3: "SignatureDoesNotMatch 403",
      });
    });

    test.each(["test", "000000000000", "__internal_call__", "AKIAIOSFODNN7EXAMPLE"])(
      "refuses the key %s, which it has not made",
      async (id) => {
        const errors = Object.values(await errorsOf({ accessKeyId: id, secretAccessKey: id }));
        expect(
          errors.filter(
            (error) =>
              !/^(?:UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|InvalidSignature.*|SignatureDoesNotMatch) 403$/.test(
                error,
              ),
          ),
        ).toEqual([]);
      },
    );

    test("refuses a request without a signature, in the shape of its protocol", async () => {
      const get = { method: "GET", path: "/2015-03-31/functions", headers: { host }, body: "" };
      const target = { host, "x-amz-target": "DynamoDB_20120810.ListTables", "content-type": "application/x-amz-json-1.0" };
      const form = await sendHere(identity);
      expect(form).toMatchObject({ status: 403, body: expect.stringContaining("<Code>MissingAuthenticationToken</Code>") });
      for (const wire of [get, { method: "POST", path: "/", headers: target, body: "{}" }]) {
        const { status, body } = await sendHere(wire);
        expect({ status, ...JSON.parse(body) }).toMatchObject({ status: 403, __type: "MissingAuthenticationTokenException" });
      }
      expect(await sendHere(object("", "GET"))).toMatchObject({ status: 403, body: expect.stringContaining("<Code>AccessDenied</Code>") });
    });

    test.each([
      ["a key in the header and another in the query", { path: "/?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fsts%2Faws4_request" }],
      ["a second header", { headers: { Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request" } }],
      ["the older signature, version 2", { headers: { authorization: "AWS test:c2lnbmF0dXJl" } }],
      [
        "a date that is none",
        {
          headers: {
            "x-amz-date": "20261399T996699Z",
            authorization: "AWS4-HMAC-SHA256 Credential=KEY/20261399/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0",
          },
        },
      ],
      ["no signature, only a key", { headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request" } }],
    ])("refuses a request with %s", async (_, { path, headers }: { path?: string; headers?: Record<string, string> }) => {
      const wire = signed(path === undefined ? identity : { ...identity, path }, root("sts"));
      const named = Object.entries(headers ?? {}).map(([name, value]) => [name, value.replace("KEY", account.rootCredentials.accessKeyId)]);
      expect((await sendHere({ ...wire, headers: { ...wire.headers, ...Object.fromEntries(named) } })).status).toBe(403);
    });

    test("refuses a body, a path and a header other than those that were signed", async () => {
      const wire = signed(identity, root("sts"));
      expect((await sendHere(wire)).status).toBe(200);
      expect((await sendHere({ ...wire, body: wire.body.replace("GetCallerIdentity", "GetSessionToken") })).body).toContain(
        "SignatureDoesNotMatch",
      );
      const put = signed(object("the whale"), root("s3"));
      expect((await sendHere(put)).status).toBe(200);
      expect((await sendHere({ ...put, body: "the shark" })).body).toContain("SignatureDoesNotMatch");
      expect((await sendHere({ ...put, path: put.path.replace("key", "yek") })).body).toContain("SignatureDoesNotMatch");
      expect((await sendHere({ ...put, headers: { ...put.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } })).body).toContain(
        "SignatureDoesNotMatch",
      );
      const get = await new S3Client(optionsOf(account.rootCredentials)).send(new GetObjectCommand({ Bucket: BUCKET, Key: "key" }));
      expect(await get.Body!.transformToString()).toBe("the whale");
    });

    test("refuses a request that was signed a quarter of an hour ago, or will be", async () => {
      for (const minutes of [-16, 16]) {
        const wire = signed(identity, root("sts", { at: new Date(Date.now() + minutes * 60_000) }));
        expect(await sendHere(wire)).toMatchObject({ status: 403, body: expect.stringContaining("not yet current") });
      }
    });

    test("serves who has a signed address, as long as it lasts", async () => {
      await sendHere(signed(object("the whale"), root("s3")));
      const get = presigned(object("", "GET"), root("s3"));
      expect(await sendHere(get)).toMatchObject({ status: 200, body: "the whale" });
      expect((await sendHere({ ...get, path: get.path.replace("key", "yek") })).status).toBe(403);
      expect((await sendHere(presigned(object("", "GET"), root("s3", { at: new Date(Date.now() - 5_000) }), 1))).status).toBe(403);
      expect((await sendHere({ ...get, method: "DELETE" })).status).toBe(403);
      for (const seconds of [0, 604_801, 1e21])
        expect((await sendHere(presigned(object("", "GET"), root("s3"), seconds))).status).toBe(403);
    });

    test("takes bodies of S3 that are not signed, or are signed in chunks", async () => {
      const put = signed(object("the whale", "PUT", "unsigned"), root("s3", { payload: "UNSIGNED-PAYLOAD" }));
      expect((await sendHere(put)).status).toBe(200);
      const parts = chunked(object("", "PUT", "chunks"), root("s3"), ["the ", "whale"]);
      expect((await sendHere({ ...parts, body: parts.body.replace("whale", "shark") })).status).toBe(403);
      expect((await sendHere(parts)).status).toBe(200);
      expect((await sendHere(signed(object("", "GET", "chunks"), root("s3")))).body).toBe("the whale");
      // Only S3 takes a body that is not signed.
      const form = signed(
        { ...identity, headers: { ...identity.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } },
        root("sts", { payload: "UNSIGNED-PAYLOAD" }),
      );
      expect((await sendHere(form)).status).toBe(403);
    });

    test.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "localhost@evil.example"])(
      "refuses the Host %j, whatever the signature",
      async (foreign) => {
        const wire = signed({ ...identity, headers: { ...identity.headers, host: foreign } }, root("sts"));
        expect((await sendHere(wire)).status).toBe(403);
        const health = await sendHere({ method: "GET", path: `/_${account.kind}/health`, headers: { host: foreign }, body: "" });
        expect(health.status).toBe(403);
      },
    );

    test("takes the names of this machine, that of a bucket before them, and the port of a proxy", async () => {
      for (const own of [host, "localhost", "LOCALHOST:4566", "[::1]:4566"]) {
        expect((await sendHere(signed({ ...identity, headers: { ...identity.headers, host: own } }, root("sts")))).status).toBe(200);
      }
      await sendHere(signed(object("the whale"), root("s3")));
      const virtual = { method: "GET", path: "/key", headers: { host: `${BUCKET}.s3.localhost:4566` }, body: "" };
      expect(await sendHere(signed(virtual, root("s3")))).toMatchObject({ status: 200, body: "the whale" });
    });

    test("refuses web pages, and lets none read an answer", async () => {
      const origin = "http://localhost:3000";
      for (const foreign of [origin, "https://evil.example", "null"]) {
        const wire = signed({ ...identity, headers: { ...identity.headers, origin: foreign } }, root("sts"));
        const preflight = {
          method: "OPTIONS",
          path: "/",
          headers: { host, origin: foreign, "access-control-request-method": "POST" },
          body: "",
        };
        const health = { method: "GET", path: `/_${account.kind}/health`, headers: { host, origin: foreign }, body: "" };
        for (const refused of [wire, preflight, health]) {
          const { status, headers } = await sendHere(refused);
          expect(status).toBe(403);
          expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
        }
      }
      for (const served of [
        signed(identity, root("sts")),
        signed(object("the whale"), root("s3")),
        { ...object("", "GET"), path: `/_${account.kind}/health` },
      ]) {
        const { status, headers } = await sendHere(served);
        expect(status).toBe(200);
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    });

    test("keeps to itself what it offers beside the services of AWS", async () => {
      for (const path of [
        "/_ministack/reset",
        "/_ministack/config",
        "/_localstack/config",
        "/_localstack/info",
        "/_aws/sqs/messages",
        "/moto-api/reset",
      ]) {
        for (const method of ["GET", "POST"]) expect((await sendHere({ method, path, headers: { host }, body: "" })).status).toBe(403);
      }
      await expect(calls(account.rootCredentials)["json"]).resolves.toBeDefined();
    });

    test("serves the key of a role's session with its token, and without it or another's never", async () => {
      const { session, other } = await sessions(account);
      const arn = await new STSClient(optionsOf(session)).send(new GetCallerIdentityCommand({}));
      expect(arn.Arn).toBe(`arn:aws:sts::${account.accountId}:assumed-role/tenon-test-reader/test`);
      await expect(new DynamoDBClient(optionsOf(session)).send(new GetItemCommand({ TableName: TABLE, Key }))).resolves.toBeDefined();
      const { sessionToken: _, ...withoutToken } = session;
      for (const wrong of [
        withoutToken,
        { ...session, sessionToken: other.sessionToken },
        { ...session, secretAccessKey: other.secretAccessKey },
      ]) {
        expect((await errorsOf(wrong)).json).toMatch(/^(?:UnrecognizedClient|InvalidSignature)Exception 403$/);
      }
    });

    test("denies a role's session what the role does not allow", async (context) => {
      skipWithGap(context, account, "iam-enforced");
      const { session } = await sessions(account);
      const put = new DynamoDBClient(optionsOf(session)).send(new PutItemCommand({ TableName: TABLE, Item: Key }));
      await expect(put).rejects.toThrow(expect.objectContaining({ name: "AccessDeniedException" }));
      await expect(new S3Client(optionsOf(session)).send(new PutObjectCommand({ Bucket: BUCKET, Key: "key", Body: "" }))).rejects.toThrow(
        expect.objectContaining({ name: "AccessDenied" }),
      );
    });

    test("gives a Lambda a key of its role that no name tells, and only its process its events", async () => {
      const { value: env } = await invoke(account, "tenon-test-access");
      const credentials = {
        accessKeyId: env.AWS_ACCESS_KEY_ID,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
        sessionToken: env.AWS_SESSION_TOKEN,
      };
      const { Arn } = await new STSClient(optionsOf(credentials)).send(new GetCallerIdentityCommand({}));
      expect(Arn).toMatch(/:assumed-role\/tenon-test-access-role\//);
      expect(Object.values(env)).not.toContain(account.rootCredentials.secretAccessKey);

      const api = `http://${env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
      expect((await fetch(`${api}/invocation/next`, { signal: AbortSignal.timeout(5_000) })).status).toBe(403);
      expect((await fetch(`${api}/init/error`, { method: "POST", body: "{}" })).status).toBe(403);
      expect((await invoke(account, "tenon-test-access")).error).toBeUndefined();
    });

    test("serves at its Runtime API what runs in the Lambda: its code and its threads", async () => {
      const source = `import { request } from "node:http";
        import { Worker, isMainThread, parentPort } from "node:worker_threads";
        const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
        const path = "/2018-06-01/runtime/invocation/none/response";
        const post = () => new Promise((resolve) => request({ host, port, path, method: "POST" }, (answer) => resolve(answer.resume().statusCode)).end("1"));
        if (!isMainThread) parentPort.postMessage(await post());
        export const handler = async () => {
          const worker = new Worker(new URL(import.meta.url));
          return [await post(), await new Promise((resolve) => worker.once("message", resolve))];
        };`;
      await createFunction(account, "tenon-test-runtime-api", source);
      expect((await invoke(account, "tenon-test-runtime-api")).value).toEqual([202, 202]);
    });

    test("listens on loopback only, and serves nobody without a key at any port, those of its Lambdas and databases included", async () => {
      await invoke(account, "tenon-test-access");
      const sockets = listeningSockets(processesBelow(account.pid!));
      expect(sockets.length).toBeGreaterThanOrEqual(account.kind === "localstack" ? 3 : 2);
      expect(sockets.filter((address) => !/^(?:0100007F|0{16}FFFF00000100007F):/.test(address))).toEqual([]);
      for (const socket of sockets) {
        const endpoint = `http://127.0.0.1:${Number.parseInt(socket.split(":")[1]!, 16)}`;
        for (const method of ["GET", "POST"]) {
          const { status } = await fetch(endpoint, { method, signal: AbortSignal.timeout(5_000) });
          expect([endpoint, method, status]).toEqual([endpoint, method, 403]);
        }
      }
    });

    test("keeps the root's key in no command line, no file, and no environment of what it starts", async () => {
      await invoke(account, "tenon-test-access");
      const { secretAccessKey } = account.rootCredentials;
      const processes = processesBelow(account.pid!);
      expect(processes.length).toBeGreaterThanOrEqual(2);
      const words = processes.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      const environments = processes.filter((pid) => pid !== account.pid).map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"));
      const files = readdirSync(account.folder!, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const texts = files.map((entry) => unlessGone(() => readFileSync(join(entry.parentPath, entry.name), "latin1"), ""));
      for (const text of [...words, ...environments, ...texts]) expect(text).not.toContain(secretAccessKey);
    });

    test("has another root key than every other, and refuses that of another", { timeout: 60_000 }, async () => {
      const { AWS_ENDPOINT_URL: _, ...env } = process.env;
      const other = await startEmulator({ kind: account.kind as "ministack" | "localstack", env });
      try {
        expect(other.rootCredentials.accessKeyId).not.toBe(account.rootCredentials.accessKeyId);
        expect(other.rootCredentials.secretAccessKey).not.toBe(account.rootCredentials.secretAccessKey);
        for (const stranger of [other.rootCredentials, other.credentials]) {
          expect((await errorsOf(stranger)).form).toBe("InvalidClientTokenId 403");
        }
      } finally {
        await other.stop();
      }
    });
  });
}

// --- Internal helpers ---

/** Two sessions of a role that may read rows and nothing else. */
async function sessions(account: Emulator): Promise<{ readonly session: Required<Credentials>; readonly other: Required<Credentials> }> {
  const options = clientOptions(account, account.rootCredentials);
  const [iam, sts] = [new IAMClient(options), new STSClient(options)];
  const RoleName = "tenon-test-reader";
  const document = (statement: object): string => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  const Principal = { AWS: `arn:aws:iam::${account.accountId}:root` };
  const AssumeRolePolicyDocument = document({ Effect: "Allow", Principal, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument })).catch((error: { name: string }) => {
    if (!/EntityAlreadyExists/.test(error.name)) throw error;
  });
  const PolicyDocument = document({ Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: RoleName, PolicyDocument }));
  const RoleArn = `arn:aws:iam::${account.accountId}:role/${RoleName}`;
  const [session, other] = await Promise.all(
    [1, 2].map(async () => {
      const { Credentials: made } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }));
      return { accessKeyId: made!.AccessKeyId!, secretAccessKey: made!.SecretAccessKey!, sessionToken: made!.SessionToken! };
    }),
  );
  iam.destroy();
  sts.destroy();
  return { session: session!, other: other! };
}
