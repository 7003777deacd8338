import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  waitUntilStackUpdateComplete,
} from "@aws-sdk/client-cloudformation";
import { DescribeTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dataTable } from "../../src/model/aws-names.ts";
import { type Ended, start, tenonBin } from "../cli/bin.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { LOAD_TRACE } from "../helpers/load-trace.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { restOfEnvironment } from "../helpers/environment-rest.ts";
import { gapOf, skipWithGap } from "../helpers/gaps.ts";
import { holdAnswers } from "./holding-front.ts";

// Deployed by the command that users type, as the user whose policy is documented, with IAM enforced.
const aws = await emulatedAws();

describeAws(aws)("tenon deploy, destroy and env", { timeout: 120_000 }, () => {
  let folder: string;
  let file: string;
  let variables: Record<string, string>;
  const tenon = (...args: string[]): Promise<Ended> => tenonBin(args, { env: variables });
  const app = (body: string): void => {
    writeFileSync(
      file,
      `import { App } from "tenon";\nconst app = new App("greeter");\nexport const greet = app.function("greet", {}, ${body});\n`,
    );
  };
  const json = ({ stdout, stderr, code }: Ended): unknown => {
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-deploy-test-"));
    file = join(folder, "greeter.ts");
    app("async (name: string) => `hello ${name}`");
    variables = { ...accountVariables(aws.account), TENON_STATE_DIR: join(folder, "state"), TENON_BACKEND: "aws" };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("refuses an account that is not bootstrapped, and does not bootstrap it", async () => {
    const { code, stderr } = await tenon("env", "deploy");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: The stack tenon-dev was not deployed: .*not bootstrapped.*\n {2}in .*\nhint: Run npx cdk bootstrap once/,
    );
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    expect((await formation.send(new DescribeStacksCommand({}))).Stacks).toEqual([]);
    formation.destroy();
    bootstrap(aws.account, folder);
  });

  it("refuses an App whose environment is missing when nobody can be asked, and says which command makes it, and where", async () => {
    const { endpoint, accountId, region } = aws.account;
    const place = (environment: string): string =>
      `environment "${environment}" on AWS (account ${accountId}, region ${region}, endpoint ${endpoint})`;
    expect(await tenon("deploy", file)).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: Not confirmed, and no question can be asked here: deploy ${place("dev")} first. It is not there yet. An environment is two tables, a bucket and a daily sweeper, and costs less than a cent a month while nothing runs.\nhint: Run tenon env deploy first, or add --yes.\n`,
    });
    const { stderr } = await tenon("deploy", "-e", "staging", file);
    expect(stderr).toContain(place("staging"));
    expect(stderr).toContain("Run tenon env deploy -e staging first");
    expect(json(await tenon("env", "list", "--json"))).toEqual([]);
  });

  it("deploys the environment along with --yes, tells of each resource, and the App answers", async () => {
    const { code, stdout, stderr } = await tenon("deploy", "--yes", file);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^deployed greeter in .* s \(stack tenon-dev-greeter, /),
    });
    // An account as the emulator has it runs a thousand containers at once.
    expect(stderr).not.toContain("warning:");
    expect(stderr).toMatch(/ create complete +AWS::DynamoDB::Table Calls\n/);
    expect(stderr).toMatch(/ create complete +AWS::Lambda::Function AppFngreetLambda/);
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ code: 0, stdout: "hello moby\n" });
    expect(json(await tenon("env", "list", "--json"))).toEqual([{ name: "dev", version: 2, apps: ["greeter"] }]);
  });

  it("does nothing when nothing has changed, without loading the CDK's toolkit", async () => {
    expect(json(await tenon("deploy", "--json", file))).toMatchObject({ app: "greeter", changed: false });
    const { code, stderr } = await start(["deploy", file], { env: variables, node: ["--import", LOAD_TRACE] }).ended;
    expect({ code, toolkit: stderr.includes("@aws-cdk/toolkit-lib") }).toEqual({ code: 0, toolkit: false });
    expect(stderr).toContain("@aws-sdk/client-cloudformation");
    expect(json(await tenon("env", "deploy", "--json"))).toMatchObject({ changed: false });
  });

  it("says what plan knows of an App, and prints commands for the environment that it is in", async () => {
    const alone = join(folder, "alone.ts");
    writeFileSync(
      alone,
      'import { App } from "tenon";\nconst app = new App("alone");\napp.function("one", { maxContainers: 1 }, async (n: number) => n);\n',
    );
    const { code, stdout, stderr } = await tenon("deploy", "--yes", "-e", "staging", alone);
    expect(code).toBe(0);
    expect(stderr).toContain("note: one: maxContainers 1 holds for spawned calls, but does not hold for remote and map: ");
    expect(stderr).toContain(`note: AWS differs from this machine in 2 ways more: tenon plan -e staging ${alone}\n`);
    const [, command = ""] = stdout.split("\n");
    expect(command).toBe("  tenon call --aws -e staging alone/one");
    const words = command.trim().split(" ").slice(1);
    expect(await tenonBin([...words, "41"], { env: { ...variables, TENON_BACKEND: "local" } })).toMatchObject({ code: 0, stdout: "41\n" });
    expect(json(await tenon("deploy", "-e", "staging", "--json", alone))).toMatchObject({
      changed: false,
      notes: [expect.stringContaining("one: maxContainers 1")],
    });
    expect(json(await tenon("destroy", "--yes", "--json", "-e", "staging", "alone"))).toMatchObject({ state: "destroyed" });
  });

  it("refuses an App whose environment is too old when nobody can be asked, and names both versions", async () => {
    const ssm = new SSMClient(clientOptions(aws.account, aws.account.rootCredentials));
    const version = (Value: string): Promise<unknown> =>
      ssm.send(new PutParameterCommand({ Name: "/tenon/dev/version", Value, Overwrite: true }));
    await version("1");
    const other = join(folder, "other.ts");
    writeFileSync(other, 'import { App } from "tenon";\nconst app = new App("other");\napp.function("f", async () => 1);\n');
    expect(await tenon("deploy", other)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("It has version 1, and this App needs version 2."),
    });
    await version("2");
    ssm.destroy();
  });

  it("deploys what has changed, and each event is a line of JSON for programs", async () => {
    app("async (name: string) => `good evening ${name}`");
    const ended = await start(["deploy", "--json", file], { env: variables, node: ["--import", LOAD_TRACE] }).ended;
    expect(ended.stderr).toContain("@aws-cdk/toolkit-lib");
    expect(json(ended)).toMatchObject({ app: "greeter", changed: true, functions: ["greet"], stack: "tenon-dev-greeter" });
    const lines = ended.stderr.split("\n").filter((line) => line.startsWith("{"));
    const events = lines.map((line) => JSON.parse(line) as { event: string; type: string });
    expect(events.filter(({ type }) => type === "AWS::Lambda::Function")).not.toEqual([]);
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ stdout: "good evening moby\n" });
  });

  it("names the resource that CloudFormation could not make, and its reason", async () => {
    // Somebody else has the name of the parameter that says what the App declares.
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    const Resources = {
      Queue: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: "1", Name: "/tenon/dev/apps/taken/0" } },
    };
    await formation.send(new CreateStackCommand({ StackName: "foreign", TemplateBody: JSON.stringify({ Resources }) }));
    const taken = join(folder, "taken.ts");
    writeFileSync(taken, 'import { App } from "tenon";\nconst app = new App("taken");\napp.function("f", {}, async () => 1);\n');
    const { code, stderr } = await tenon("deploy", taken);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /error: The stack tenon-dev-taken was not deployed:\n {2}AWS::SSM::Parameter AppManifest\w+: .*\n {2}in .*\nhint: /,
    );
    await formation.send(new DeleteStackCommand({ StackName: "foreign" }));
    formation.destroy();
  });

  it("ends at Ctrl-C, says that CloudFormation goes on, and leaves no folder behind", async () => {
    app("async (name: string) => `again ${name}`");
    const TMPDIR = mkdtempSync(join(folder, "tmp-"));
    // The command never hears that the stack is done, so it is at work when it is stopped.
    const front = await holdAnswers(aws.account.endpoint, /Action=UpdateStack/, /Action=DescribeStacks&/);
    const { endpoint } = front;
    const env = { ...variables, TMPDIR, AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint };
    const command = start(["deploy", "--verbose", file], { env });
    await command.seen(/in progress/);
    command.kill("SIGINT");
    const { code, stderr } = await command.ended;
    front.close();
    expect(code).toBe(130);
    expect(stderr).toContain("CloudFormation goes on with the stack tenon-dev-greeter");
    expect(readdirSync(TMPDIR).filter((name) => name.startsWith("tenon-assembly-"))).toEqual([]);
    // It went on.
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    await waitUntilStackUpdateComplete({ client: formation, maxWaitTime: 30, minDelay: 0.1 }, { StackName: "tenon-dev-greeter" });
    formation.destroy();
  });

  it("destroys an App by its name or its file, asks first, and knows those that are not there", async () => {
    expect(await tenon("destroy", "greeter")).toMatchObject({ code: 2, stderr: expect.stringContaining("Add --yes") });
    expect(await tenon("destroy", "--yes", "greter")).toMatchObject({ code: 1, stderr: expect.stringContaining("Write greeter.") });
    expect(await tenon("destroy", "--yes", `${file}::greet`)).toMatchObject({ code: 2 });
    expect(await tenon("env", "destroy", "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("tenon destroy -e dev greeter"),
    });
    expect(json(await tenon("destroy", "--yes", "--json", file))).toMatchObject({ app: "greeter", state: "destroyed" });
    expect(json(await tenon("env", "list", "--json"))).toEqual([
      { name: "dev", version: 2, apps: [] },
      { name: "staging", version: 2, apps: [] },
    ]);
    expect(json(await tenon("env", "destroy", "-e", "staging", "--yes", "--json"))).toMatchObject({ environment: "staging" });
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ code: 1 });
  });

  it("touches nothing on AWS when the local backend is named, and says that an unknown one is unknown", async () => {
    const local = (...args: string[]): Promise<Ended> => tenonBin(args, { env: { ...variables, TENON_BACKEND: "local" } });
    expect(json(await tenon("deploy", "--yes", "--json", file))).toMatchObject({ changed: true });
    expect(await local("destroy", "--yes", "greeter")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: App "greeter" is not deployed in environment "dev" on this machine\.\n/),
    });
    expect(await local("env", "destroy", "--yes", "--delete-data")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("Add --aws"),
    });
    for (const line of [
      ["deploy", "--yes", file],
      ["destroy", "--yes", "greeter"],
      ["env", "destroy", "--yes"],
      ["env", "deploy"],
    ])
      expect(await tenonBin(line, { env: { ...variables, TENON_BACKEND: "prod" } })).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^error: Unknown backend in TENON_BACKEND: "prod"\. /),
      });
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ code: 0 });
    expect(json(await local("destroy", "--aws", "--yes", "--json", "greeter"))).toMatchObject({ state: "destroyed" });
  });

  it("destroys an environment but for its data, and makes it anew with that data", async (context) => {
    skipWithGap(context, aws.account, "cfn-retained");
    const { accountId, region } = aws.account;
    const item = { pk: { S: "kept" }, sk: { S: "row" } };
    const dynamo = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));
    const TableName = dataTable("dev");
    await dynamo.send(new PutItemCommand({ TableName, Item: item }));
    const { stdout } = await tenon("env", "destroy", "--yes");
    expect(stdout).toBe(`destroyed environment dev
  kept: the table ${TableName}
  kept: the bucket tenon-dev-${accountId}-${region}
  to use them again: tenon env deploy
  to delete them, with an administrator's rights: tenon env destroy --delete-data
`);
    expect(await tenon("env", "destroy", "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Run tenon env destroy --delete-data with an administrator's rights to delete its data."),
    });
    expect(await tenon("env", "deploy")).toMatchObject({
      code: 0,
      stdout: "environment dev is deployed, with the data of the earlier environment of this name (stack tenon-dev)\n",
      stderr: expect.stringMatching(/^note: the stack tenon-dev is complete; a second change of it protects its data from deletion$/m),
    });
    expect((await dynamo.send(new GetItemCommand({ TableName, Key: item }))).Item).toEqual(item);
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName }));
    expect(Table?.DeletionProtectionEnabled).toBe(true);
    expect(json(await tenon("env", "deploy", "--json"))).toMatchObject({ changed: false, adopted: false });
    expect(await tenon("deploy", "--yes", file)).toMatchObject({ code: 0 });
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ code: 0, stdout: "again moby\n" });
    expect(json(await tenon("destroy", "--yes", "--json", "greeter"))).toMatchObject({ state: "destroyed" });
    dynamo.destroy();
  });

  it("makes an environment later that could not be made before", async () => {
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    // Someone else has the name of the parameter that holds the version.
    const Resources = {
      Taken: { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: "1", Name: "/tenon/prod/version" } },
    };
    await formation.send(new CreateStackCommand({ StackName: "taker", TemplateBody: JSON.stringify({ Resources }) }));
    expect(await tenon("env", "deploy", "-e", "prod")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: The stack tenon-prod was not deployed:[^]* Version[ :][^]*\n {2}in environment "prod" /m),
    });
    if (gapOf(aws.account, "cfn-retained") === undefined) expect(await restOfEnvironment(aws.account, "prod")).toEqual([]);
    await formation.send(new DeleteStackCommand({ StackName: "taker" }));
    expect(json(await tenon("env", "deploy", "-e", "prod", "--json"))).toMatchObject({ changed: true });
    expect(json(await tenon("env", "destroy", "-e", "prod", "--yes", "--json"))).toMatchObject({ state: "destroyed" });
    formation.destroy();
  });

  it("destroys an environment with its data, names what is lost, and needs the rights for it", async (context) => {
    skipWithGap(context, aws.account, "cfn-retained");
    const { accountId, region } = aws.account;
    const [table, bucket] = [dataTable("dev"), `tenon-dev-${accountId}-${region}`];
    const root = { ...variables, ...accountVariables(aws.account, aws.account.rootCredentials) };
    const asRoot = (...args: string[]): Promise<Ended> => tenonBin(args, { env: root });
    const s3 = new S3Client({ ...clientOptions(aws.account, aws.account.rootCredentials), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "in/greeter/x", Body: "large" }));
    expect(await tenon("env", "destroy", "--delete-data")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`Lost for good are .* the table ${table} with .*, and the bucket ${bucket} with`)),
    });
    // Nothing is destroyed by half for those who lack a right.
    expect(await tenon("env", "destroy", "--delete-data", "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`The caller may not do dynamodb:UpdateTable on the table ${table}.`),
    });
    expect(json(await tenon("env", "list", "--json"))).toMatchObject([{ name: "dev" }]);
    expect(await asRoot("env", "destroy", "--delete-data", "--yes")).toEqual({
      code: 0,
      stdout: `destroyed environment dev\n  deleted: the table ${table}\n  deleted: the bucket ${bucket}\n`,
      stderr: expect.stringContaining("delete complete"),
    });
    await expect(s3.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    expect(await asRoot("env", "destroy", "--delete-data", "--yes")).toMatchObject({ code: 1 });
    // And it can be made anew, empty.
    expect(json(await tenon("env", "deploy", "--json"))).toMatchObject({ changed: true, adopted: false });
    expect(json(await asRoot("env", "destroy", "--yes", "--json"))).toMatchObject({ kept: [`the table ${table}`, `the bucket ${bucket}`] });
    // What a destroyed one has left can be deleted later.
    expect(json(await asRoot("env", "destroy", "--delete-data", "--yes", "--json"))).toMatchObject({ stack: null, state: "destroyed" });
    s3.destroy();
  });
});
