import { join } from "node:path";
import { Client, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { blobBucket, callsTable, dispatcherQueue, functionName } from "../../src/model/aws-names.ts";
import type * as Alpha from "../fixtures/between-apps/alpha.ts";
import type { Belongings } from "../fixtures/between-apps/reach.ts";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";

// Two Apps of one environment, each with its own role, on an account that enforces them.
const aws = await emulatedAws();

describeAws(aws)("a Function of one App", { timeout: 60_000 }, () => {
  let client: Client;

  beforeAll(async () => {
    for (const app of ["alpha", "beta"])
      await deployOnAccount(aws.account, "test", join(import.meta.dirname, `../fixtures/between-apps/${app}.ts`));
    const { accessKeyId, secretAccessKey } = aws.account.credentials;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    client = new Client({ backend: "aws", environment: "test", region: aws.account.region, endpoint: aws.account.endpoint });
  }, 60_000);
  afterAll(() => client?.close());

  const belongingsOf = (app: string): Belongings => ({
    app,
    table: callsTable("test"),
    bucket: blobBucket("test", aws.account.accountId, aws.account.region),
    lambda: functionName("test", app, "target"),
    queueUrl: `${aws.account.endpoint}/${aws.account.accountId}/${dispatcherQueue("test", app)}`,
  });
  const touch = (by: string, whose: string): Promise<Record<string, string>> =>
    RemoteFunction.fromName<typeof Alpha.touch>(by, "touch", { client }).remote(belongingsOf(whose));

  it("reaches nothing of another App", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const said = await touch("beta", "alpha");
    expect(Object.keys(said).length).toBeGreaterThan(10);
    expect(Object.entries(said).filter(([, answer]) => answer !== "denied")).toEqual([]);
  });

  it("reaches what is its own App's, as far as Tenon's operations need it", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    expect(await touch("beta", "beta")).toEqual({
      "leave a call": "done",
      "write an outcome": "done",
      "read outcomes": "done",
      "list calls": "denied",
      "scan the table": "denied",
      "store an input": "done",
      "read an input": "done",
      "store an outcome": "done",
      "read an outcome": "done",
      "send to the dispatcher": "done",
      "find the dispatcher's queue": "denied",
      "call a Function": "done",
      "read what is declared": "done",
    });
  });
});
