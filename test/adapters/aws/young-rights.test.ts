import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { isAwsFailure } from "../../../src/adapters/aws/failures.ts";
import { newClient } from "../../../src/adapters/aws/new-client.ts";
import { DENIED_MS, repeatWhileYoung, type RightsAge, YOUNG_MS } from "../../../src/adapters/aws/young-rights.ts";

// A front of HTTP denies as AWS does, in the words of each service, and the SDK's own clients hear it.
let endpoint: string;
let denied = 0;
let requests = 0;
const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text: string) => (body += text));
  request.on("end", () => {
    requests++;
    const isS3 = request.url?.includes("x-id=GetObject") === true;
    const target = String(request.headers["x-amz-target"] ?? "");
    if (denied > 0) {
      denied--;
      if (isS3) response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
      else
        response
          .writeHead(target === "" ? 403 : 400, { "x-amzn-errortype": "AccessDeniedException" })
          .end('{"__type":"AccessDeniedException","message":"no"}');
    } else if (isS3) response.writeHead(200, { "content-length": 1 }).end("x");
    else if (target.startsWith("AmazonSSM")) {
      const { Name, Names = [] } = JSON.parse(body) as { readonly Name?: string; readonly Names?: readonly string[] };
      const parameter = (of: string) => ({ Name: of, Value: "1", LastModifiedDate: of.endsWith("/old") ? 0 : Date.now() / 1_000 });
      response.writeHead(200).end(JSON.stringify(Name === undefined ? { Parameters: Names.map(parameter) } : { Parameter: parameter(Name) })); // prettier-ignore
    } else response.writeHead(200).end("{}");
  });
});

const options = () => ({ endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "b" }, maxAttempts: 1 });
const SERVICES: Readonly<Record<string, () => { make(): object; send(client: never): Promise<unknown> }>> = {
  DynamoDB: () => ({
    make: () => new DynamoDBClient(options()),
    send: (client: DynamoDBClient) => client.send(new GetItemCommand({ TableName: "t", Key: {} })),
  }),
  S3: () => ({
    make: () => new S3Client({ ...options(), forcePathStyle: true }),
    send: (client: S3Client) => client.send(new GetObjectCommand({ Bucket: "b", Key: "k" })),
  }),
  SQS: () => ({
    make: () => new SQSClient(options()),
    send: (client: SQSClient) => client.send(new GetQueueUrlCommand({ QueueName: "q" })),
  }),
  SSM: () => ({ make: () => new SSMClient(options()), send: (client: SSMClient) => client.send(new GetParameterCommand({ Name: "p" })) }),
  Lambda: () => ({
    make: () => new LambdaClient(options()),
    send: (client: LambdaClient) => client.send(new InvokeCommand({ FunctionName: "f" })),
  }),
};

/** Rights of an age, in a time that goes on only while something waits. */
function rightsOf(ageMs: number | undefined): RightsAge & { readonly pauses: number[] } {
  let nowMs = 0;
  const pauses: number[] = [];
  return {
    pauses,
    age: () => (ageMs === undefined ? undefined : { ms: ageMs + nowMs, since: "this container started" }),
    nowMs: () => nowMs,
    async pause(ms) {
      pauses.push(ms);
      nowMs += ms;
    },
  };
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  requests = 0;
  denied = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});
afterAll(() => server.close());

describe.each(Object.entries(SERVICES))("what %s denies", (_, service) => {
  const { make, send } = service();

  test("is asked for again while the rights are young, until they have taken effect", async () => {
    // The rights of the second grow old meanwhile.
    for (const age of [2_000, YOUNG_MS - 1]) {
      const rights = rightsOf(age);
      const client = repeatWhileYoung(make(), rights);
      [denied, requests] = [4, 0];
      await send(client as never);
      expect({ requests, pauses: rights.pauses.length }).toEqual({ requests: 5, pauses: 4 });
    }
  });

  test("is said within a bound, with the age of the rights, and that action is not asked for again", async () => {
    const rights = rightsOf(2_000);
    const client = repeatWhileYoung(make(), rights);
    denied = Infinity;
    const error: unknown = await send(client as never).catch((thrown: unknown) => thrown);
    expect(isAwsFailure(error, "denied")).toBe(true);
    expect((error as Error).message).toMatch(/^no \(It was denied for 10 s, .*: this container started \d+ s ago\.\)$/);
    expect(rights.nowMs()).toBeLessThanOrEqual(DENIED_MS);
    expect(rights.nowMs()).toBeGreaterThan(DENIED_MS / 2);
    const before = requests;
    await expect(send(client as never)).rejects.toThrow("no");
    expect(requests - before).toBe(1);
  });

  test("is said at once by an old container, and where nothing says that rights have changed", async () => {
    for (const age of [YOUNG_MS, undefined]) {
      requests = 0;
      denied = 1;
      const client = repeatWhileYoung(make(), rightsOf(age));
      await expect(send(client as never)).rejects.toThrow(/^no$/);
      expect(requests).toBe(1);
    }
  });
});

test("an action that was denied for good takes nothing from another", async () => {
  const client = repeatWhileYoung(new DynamoDBClient(options()), rightsOf(2_000));
  denied = Infinity;
  await expect(client.send(new GetItemCommand({ TableName: "t", Key: {} }))).rejects.toThrow(/denied for 10 s/);
  denied = 2;
  await client.send(new PutItemCommand({ TableName: "t", Item: {} }));
});

test("every client is made so, and a caller's rights are young once it has read of a deploy a moment ago", async () => {
  const { make, send } = SERVICES["Lambda"]!();
  denied = 1;
  await expect(send(newClient(make) as never)).rejects.toThrow(/^no$/);
  // Read of an App that was deployed just now.
  await send(newClient(make) as never);
  const ssm = newClient(() => new SSMClient(options()));
  await ssm.send(new GetParametersCommand({ Names: ["/tenon/dev/apps/shop/0"] }));
  requests = 0;
  denied = 2;
  await send(newClient(make) as never);
  expect(requests).toBe(3);
  // Reading of one that was deployed long ago makes them no older; time does, and another deploy makes them young again.
  await ssm.send(new GetParameterCommand({ Name: "/tenon/dev/apps/old" }));
  denied = 1;
  await send(newClient(make) as never);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + YOUNG_MS });
  denied = 1;
  await expect(send(newClient(make) as never)).rejects.toThrow(/^no$/);
  await ssm.send(new GetParameterCommand({ Name: "/tenon/dev/apps/shop/0" }));
  denied = 1;
  await send(newClient(make) as never);
});
