import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Client } from "tenon";
import { OutputTimeoutError, RemoteFunction } from "tenon";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { findLowConcurrency, openDeployments } from "../../src/deploy/index.ts";
import { callsTable, functionName } from "../../src/model/aws-names.ts";
import { type Ended, tenonBin } from "../cli/bin.ts";
import type * as Crowded from "../fixtures/crowded-app.ts";
import { clientOptions, createUser } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { makeSharedFolder } from "../helpers/shared-folder.ts";
import { actOn, clientOf } from "../helpers/deployed-app.ts";

/** Containers at once, as a new account of Lambda has it. */
const CONCURRENCY = 10;
/** Longer than a container asks again for a call that has no room, before it is spawned. */
const PATIENCE_MS = 9_000;

const aws = await emulatedAws({ limits: { accountConcurrency: CONCURRENCY } });

describeAws(aws)("an account that runs ten containers at once", { timeout: 90_000 }, () => {
  let client: Client;
  let lambda: LambdaClient;
  let home: string;
  let deployed: Ended;
  /** Where the bodies of one test meet. */
  let folder: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "tenon-crowded-test-"));
    bootstrap(aws.account, home);
    const env = { ...accountVariables(aws.account), TENON_STATE_DIR: join(home, "state"), TENON_BACKEND: "aws" };
    deployed = await tenonBin(["deploy", "--yes", "-e", "test", join(import.meta.dirname, "../fixtures/crowded-app.ts")], { env });
    actOn(aws.account);
    client = clientOf(aws.account);
    lambda = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
  }, 120_000);
  afterAll(async () => {
    await client?.close();
    lambda?.destroy();
    rmSync(home, { recursive: true, force: true });
  });
  beforeEach(() => void (folder = makeSharedFolder()));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Waits until the bodies hold every container of the account. */
  const untilFull = async (): Promise<void> => {
    await expect.poll(() => readdirSync(folder).length, { timeout: 60_000, interval: 100 }).toBe(CONCURRENCY);
    const FunctionName = functionName("test", "crowded", "child");
    await expect(lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }))).rejects.toMatchObject({
      name: "TooManyRequestsException",
    });
  };
  const letGo = (): void => writeFileSync(join(folder, "go"), "");
  /** The inputs of durable calls. */
  const spawned = async (): Promise<number | undefined> => {
    const dynamo = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Count } = await dynamo.send(
      new ScanCommand({
        TableName: callsTable("test"),
        FilterExpression: "begins_with(pk, :in)",
        ExpressionAttributeValues: { ":in": { S: "in#" } },
      }),
    );
    dynamo.destroy();
    return Count;
  };

  it("is named to whoever deploys, with what it means for calls that wait for calls", () => {
    expect(deployed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^deployed crowded in /) });
    expect(deployed.stderr).toMatch(
      /^warning: This account runs at most 10 containers of Lambda at once, of all its functions\. .*\nhint: Ask AWS for more/m,
    );
  });

  it("is left unsaid to who may not ask for it", async () => {
    const { region, endpoint } = aws.account;
    const api = await openDeployments({ region, endpoint });
    expect(await findLowConcurrency(api)).toBe(CONCURRENCY);
    const { accessKeyId, secretAccessKey } = await createUser(aws.account, "tenon-test-may-not-ask");
    vi.stubEnv("AWS_ACCESS_KEY_ID", accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", secretAccessKey);
    try {
      await expect(api.concurrency()).rejects.toThrow("lambda:GetAccountSettings");
      expect(await findLowConcurrency(api)).toBeUndefined();
    } finally {
      vi.unstubAllEnvs();
      api.destroy();
    }
  });

  it("has callers from outside wait: twelve calls have their results", async () => {
    const hold = RemoteFunction.fromName<typeof Crowded.hold>("crowded", "hold", { client });
    const results = Promise.all(Array.from({ length: CONCURRENCY + 2 }, (_, n) => hold.remote(folder, n)));
    results.catch(() => undefined);
    await untilFull();
    letGo();
    expect(await results).toEqual(Array.from({ length: CONCURRENCY + 2 }, (_, n) => n * 2));
    expect(await spawned()).toBe(0);
  });

  it("loses none of ten parents that hold it all: what they call is spawned, and starts when one has given up", async () => {
    const parent = RemoteFunction.fromName<typeof Crowded.parent>("crowded", "parent", { client });
    const ends = Promise.allSettled(
      Array.from({ length: CONCURRENCY }, (_, n) => (n === 0 ? parent.remote(folder, n, PATIENCE_MS) : parent.remote(folder, n))),
    );
    await untilFull();
    letGo();
    const [impatient, ...patient] = await ends;
    expect(impatient).toMatchObject({ status: "rejected", reason: expect.any(OutputTimeoutError) });
    expect(patient).toEqual(Array.from({ length: CONCURRENCY - 1 }, (_, n) => ({ status: "fulfilled", value: (n + 1) * 2 })));
    // One that came late may have found room by itself.
    expect(await spawned()).toBeGreaterThan(0);
  });
});
