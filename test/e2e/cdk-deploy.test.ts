import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetRolePolicyCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { callsTable, dataTable, dispatcherLogGroup, dispatcherName, functionName, sweeperName } from "../../src/model/aws-names.ts";
import type { PolicyStatement } from "../helpers/policy.ts";
import { type Ended, tenonBin } from "../cli/bin.ts";
import { clientOptions, invoke } from "../helpers/account.ts";
import { accountVariables, bootstrap, type CdkEnded, runCdk } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { restOfEnvironment } from "../helpers/environment-rest.ts";
import { skipWithGap } from "../helpers/gaps.ts";

// An account of its own: deployed into by the CDK's stock command, with IAM enforced.
const aws = await emulatedAws();
const APP = "npx tenon synth test/fixtures/synth/nested.ts";
const fn = (name: string): string => functionName("dev", "nested", name);

describeAws(aws)("an App deployed by the CDK's own command", () => {
  let folder: string;

  function cdk(args: readonly string[], app: string): CdkEnded {
    const all = [...args, "--app", app, "--output", join(folder, `out-${app.length}`)];
    const variables = accountVariables(aws.account, aws.account.rootCredentials);
    return runCdk(folder, all, { ...variables, TENON_STATE_DIR: join(folder, "state") });
  }
  const deploy = (app: string): CdkEnded => cdk(["deploy", "--require-approval", "never"], app);

  const callerVariables = (): Record<string, string> => ({ ...accountVariables(aws.account), TENON_BACKEND: "aws" });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-cdk-"));
    bootstrap(aws.account, folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is refused while its environment is missing, and by name", (context) => {
    const { code, output } = deploy(APP);
    expect(code).toBe(1);
    skipWithGap(context, aws.account, "cfn-parameter-name");
    expect(output).toContain("/tenon/dev/version");
  });

  it("leaves nothing of an environment whose first deploy fails, so that the next one is made", async (context) => {
    skipWithGap(context, aws.account, "cfn-retained");
    const ssm = new SSMClient(clientOptions(aws.account, aws.account.rootCredentials));
    const Name = "/tenon/dev/version";
    // Somebody else has the name of the parameter that holds the version.
    await ssm.send(new PutParameterCommand({ Name, Value: "1", Type: "String" }));
    expect(deploy("npx tenon env synth")).toMatchObject({ code: 1 });
    expect(await restOfEnvironment(aws.account, "dev")).toEqual([]);
    await ssm.send(new DeleteParameterCommand({ Name }));
    ssm.destroy();
  });

  it("runs: its Functions call each other and move large values, with no more than their role allows", async () => {
    expect(deploy("npx tenon env synth")).toMatchObject({ code: 0 });
    expect(deploy(APP)).toMatchObject({ code: 0 });
    const { value, error } = await invoke(aws.account, fn("both"), { args: [21] });
    expect({ value, error }).toMatchObject({ value: { result: { status: "succeeded", value: [42, 6_000_000, 7] } }, error: undefined });
  });

  it("changes nothing when it is deployed again", () => {
    expect(deploy(APP).output).toContain("(no changes)");
  });

  it("is told what it may not do, once a grant is gone", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const iam = new IAMClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    const RoleName = Roles.find((role) => role.RoleName!.startsWith("tenon-dev-nested-AppRole"))!.RoleName;
    const role = { RoleName, PolicyName: "tenon" };
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(role));
    const document = JSON.parse(decodeURIComponent(PolicyDocument!)) as { Statement: PolicyStatement[] };
    const Statement = document.Statement.filter(({ Action }) => !Action.includes("lambda:InvokeFunction"));
    expect(Statement).toHaveLength(document.Statement.length - 1);
    await iam.send(new PutRolePolicyCommand({ ...role, PolicyDocument: JSON.stringify({ ...document, Statement }) }));
    iam.destroy();
    const { value } = await invoke(aws.account, fn("both"), { args: [21] });
    expect(value.result.error).toMatchObject({
      className: "PermissionDeniedError",
      message: expect.stringContaining("lambda:InvokeFunction"),
    });
  });

  it("can be called by the command, from another process", async () => {
    expect(deploy("npx tenon synth examples/wordcount.ts")).toMatchObject({ code: 0 });
    const { code, stdout } = await tenonBin(["call", "--json", "wordcount/count", "some text and some more"], { env: callerVariables() });
    expect({ code, words: JSON.parse(stdout) as unknown }).toMatchObject({ code: 0 });
    expect(stdout).toContain('"some"');
  });

  it("says in the dispatcher's log that its environment was too old for it", async () => {
    const ssm = new SSMClient(clientOptions(aws.account, aws.account.rootCredentials));
    const version = (Value: string): Promise<unknown> =>
      ssm.send(new PutParameterCommand({ Name: "/tenon/dev/version", Value, Overwrite: true }));
    await version("1");
    expect(deploy("npx tenon synth examples/retries.ts")).toMatchObject({ code: 0 });
    await version("2");
    await invoke(aws.account, dispatcherName("dev", "retries"), { sweep: [] }, aws.account.rootCredentials);
    const logs = new CloudWatchLogsClient(clientOptions(aws.account, aws.account.rootCredentials));
    const logGroupName = dispatcherLogGroup("dev", "retries");
    const said = async (): Promise<string> =>
      ((await logs.send(new FilterLogEventsCommand({ logGroupName }))).events ?? []).map(({ message }) => message).join("");
    await expect.poll(said, { timeout: 10_000 }).toContain("It has version 1, and this App needs version 2. Run tenon env deploy -e dev,");
    logs.destroy();
    ssm.destroy();
  });

  it("shares a Dict with another App, whose stack the same CDK app has", async () => {
    const app = "npx esbuild cdk/examples/two-apps-one-dict.ts --bundle --packages=external --platform=node --format=esm --log-level=warning --outfile=cdk/out/two-apps-one-dict.mjs && cd cdk && node out/two-apps-one-dict.mjs"; // prettier-ignore
    expect(cdk(["deploy", "--all", "--require-approval", "never"], app)).toMatchObject({ code: 0 });
    const call = (...args: readonly string[]): Promise<Ended> => tenonBin(["call", "--json", ...args], { env: callerVariables() });
    expect(await call("votes-example/vote", "Ada", "tea")).toMatchObject({ code: 0, stdout: '"nothing"\n' });
    expect(await call("votes-example/vote", "Ada", "cocoa")).toMatchObject({ code: 0, stdout: '"tea"\n' });
    expect(await call("results-example/count")).toMatchObject({ stderr: "", code: 0, stdout: expect.stringContaining('"cocoa"') });
    const items = await tenonBin(["dict", "items", "example-votes", "--json"], { env: callerVariables() });
    expect({ code: items.code, pairs: JSON.parse(items.stdout) as unknown }).toEqual({ code: 0, pairs: { key: "Ada", value: "cocoa" } });
  });

  it("works on a table of the CDK app's own, each Function as it was granted or says itself", async (context) => {
    const app = "npx esbuild cdk/examples/own-table.ts --bundle --packages=external --platform=node --format=esm --log-level=warning --outfile=cdk/out/own-table.mjs && cd cdk && node out/own-table.mjs"; // prettier-ignore
    expect(cdk(["deploy", "--all", "--require-approval", "never"], app)).toMatchObject({ code: 0 });
    const call = (...args: readonly string[]): Promise<Ended> => tenonBin(["call", "--json", ...args], { env: callerVariables() });
    expect(await call("prices-example/setPrice", "tea", "250")).toMatchObject({ code: 0 });
    expect(await call("prices-example/price", "tea")).toMatchObject({ code: 0, stdout: "250\n" });
    skipWithGap(context, aws.account, "iam-enforced");
    expect(await call("prices-example/spy", "tea")).toMatchObject({ code: 1, stderr: expect.stringContaining("dynamodb:GetItem") });
  });

  it("has what is left of Dicts swept up, by the environment's own function", async () => {
    const db = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));
    const rowOf = (at: number, i: number) => ({
      pk: { S: `dict#~di-sweep${i}#` },
      sk: { S: "name" },
      id: { S: `di-sweep${i}` },
      createdAt: { N: String(at) },
      listed: { S: "dict-ephemeral" },
      listedAt: { N: String(at) },
    });
    const [dead, alive] = [rowOf(1, 0), rowOf(Date.now(), 1)] as const;
    for (const Item of [dead, alive]) await db.send(new PutItemCommand({ TableName: dataTable("dev"), Item }));
    const lambda = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: sweeperName("dev"), Payload: "{}" }));
    const report = JSON.parse(Buffer.from(Payload!).toString()) as unknown;
    expect({ FunctionError, report }).toEqual({
      FunctionError: undefined,
      report: { ephemeral: 1, deleted: 0, orphans: 0, finished: true },
    });
    const rows = [dead, alive].map(({ pk, sk }) => db.send(new GetItemCommand({ TableName: dataTable("dev"), Key: { pk, sk } })));
    expect((await Promise.all(rows)).map(({ Item }) => Item !== undefined)).toEqual([false, true]);
    lambda.destroy();
    db.destroy();
  });

  it("leaves nothing of itself behind when it is destroyed", async () => {
    expect(cdk(["destroy", "--force"], APP)).toMatchObject({ code: 0 });
    await expect(invoke(aws.account, fn("double"), { args: [21] })).rejects.toThrow(/not found/i);
    // The environment stays.
    const table = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));
    const rows = new QueryCommand({
      TableName: callsTable("dev"),
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "in#nested#double" } },
    });
    expect((await table.send(rows)).Items).toEqual([]);
    table.destroy();
  });
});
