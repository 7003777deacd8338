import { join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Client } from "tenon";
import { PermissionDeniedError, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dueKey, inKey, outKey } from "../../src/adapters/calls/aws-keys.ts";
import { blobBucket, callPartition, callsTable, dispatcherQueue, functionName } from "../../src/model/aws-names.ts";
import { durableCallId, headOfCall } from "../../src/model/call-ids.ts";
import type * as Alpha from "../fixtures/between-apps/alpha.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import { callerScope } from "../../src/synth/scope.ts";
import { callerStatements, type Statement } from "../../src/synth/statements.ts";
import type { Belongings } from "../fixtures/between-apps/reach.ts";
import { clientOptions, createUser } from "../helpers/account.ts";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { textOf } from "../../src/synth/arns.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";

// Two Apps of one environment, each with its own role, on an account that enforces them.
const aws = await emulatedAws();

describeAws(aws)("a Function of one App", { timeout: 60_000 }, () => {
  let client: Client;

  beforeAll(async () => {
    for (const app of ["alpha", "beta"])
      await deployOnAccount(aws.account, "test", join(import.meta.dirname, `../fixtures/between-apps/${app}.ts`));
    actOn(aws.account);
    client = clientOf(aws.account);
  }, 60_000);
  afterAll(() => client?.close());

  const belongingsOf = (app: string, callId = durableCallId("test", { app, name: "target" }, "any")): Belongings => ({
    app,
    callId,
    rows: {
      in: callPartition("in", headOfCall(callId)!, callId),
      out: callPartition("out", headOfCall(callId)!, callId),
      due: dueKey(callId).pk,
    },
    table: callsTable("test"),
    bucket: blobBucket("test", aws.account.accountId, aws.account.region),
    lambda: functionName("test", app, "target"),
    queueUrl: `${aws.account.endpoint}/${aws.account.accountId}/${dispatcherQueue("test", app)}`,
  });
  const touch = (by: string, whose: string, callId?: string): Promise<Record<string, string>> =>
    RemoteFunction.fromName<typeof Alpha.touch>(by, "touch", { client }).remote(belongingsOf(whose, callId));

  it("reaches nothing of another App", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const said = await touch("beta", "alpha");
    expect(Object.keys(said).length).toBeGreaterThan(10);
    expect(Object.entries(said).filter(([, answer]) => answer !== "denied")).toEqual([]);
  });

  it("can do nothing with the id of another App's call", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const call = await RemoteFunction.fromName<typeof Alpha.target>("alpha", "target", { client }).spawn();
    const said = await touch("beta", "alpha", call.functionCallId);
    expect(Object.entries(said).filter(([, answer]) => answer !== "denied")).toEqual([]);
    expect(await call.get({ timeoutMs: 30_000 })).toBe("called");
  });

  it("reaches what is its own App's, as far as Tenon's operations need it", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    expect(await touch("beta", "beta")).toEqual({
      "leave a call": "done",
      "mark a call as unfinished": "done",
      "take that mark away": "done",
      "write an outcome": "done",
      "read an outcome's row": "done",
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

describeAws(aws)("somebody to whom one Function is granted", { timeout: 60_000 }, () => {
  it("spawns it and gets its outcome, writes none, and touches no other Function", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const entry = join(import.meta.dirname, "../fixtures/between-apps/granted.ts");
    await deployOnAccount(aws.account, "test", entry);
    const spec = (name: string) => ({ name, kind: "function", maxContainers: null });
    const manifest = { name: "granted", functions: { target: spec("target"), other: spec("other") } } as unknown as AppManifest;
    const statements = callerStatements(callerScope("test", manifest, ["target"])).map((each) => inAccount(each, aws.account));
    const key = await createUser(aws.account, "granted-caller", statements);
    actOn(aws.account, key);
    const client = clientOf(aws.account);
    const fn = (name: string) => RemoteFunction.fromName<() => Promise<string>>("granted", name, { client });
    const call = await fn("target").spawn();
    expect(await call.get({ timeoutMs: 30_000 })).toBe("called");
    await expect(fn("other").spawn()).rejects.toThrow(PermissionDeniedError);
    await expect(fn("other").remote()).rejects.toThrow(PermissionDeniedError);

    const dynamo = new DynamoDBClient(clientOptions(aws.account, key));
    const put = (pk: string) =>
      dynamo.send(new PutItemCommand({ TableName: callsTable("test"), Item: { pk: { S: pk }, sk: { S: "state" } } }));
    const others = durableCallId("test", { app: "granted", name: "other" }, "any");
    for (const pk of [outKey(call.functionCallId).pk, inKey(others).pk, outKey(others).pk, dueKey(others).pk])
      await expect(put(pk)).rejects.toThrow(/not authorized/);
    dynamo.destroy();
    await client.close();
  });
});

/** A statement with the names of the account filled in. */
function inAccount(statement: Statement, { accountId, region }: typeof aws.account): object {
  const names: Readonly<Record<string, string>> = { Partition: "aws", Region: region, AccountId: accountId };
  const Resource = statement.Resource.map((arn) => textOf(arn).replaceAll(/\$\{AWS::(\w+)\}/g, (_, name: string) => names[name] ?? ""));
  return { ...statement, Resource };
}
