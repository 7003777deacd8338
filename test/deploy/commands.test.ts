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
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, start, tenonBin } from "../cli/bin.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { LOAD_TRACE } from "../helpers/load-trace.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { holdAnswers } from "./holding-front.ts";

// Deployed by the command that users type, as the user whose policy is documented, with IAM enforced.
const aws = await emulatedAws();

describeAws(aws)("tenon deploy, destroy and env", { timeout: 60_000 }, () => {
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
    expect(stderr).toMatch(/^error: The stack tenon-dev was not deployed: .*not bootstrapped.*\nhint: Run npx cdk bootstrap once/);
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    expect((await formation.send(new DescribeStacksCommand({}))).Stacks).toEqual([]);
    formation.destroy();
    bootstrap(aws.account, folder);
  });

  it("refuses an App whose environment is missing when nobody can be asked, and says which command makes it", async () => {
    expect(await tenon("deploy", file)).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'error: environment "dev" is not deployed in this account and region\nhint: Run tenon env deploy -e dev first, or add --yes to have it deployed along.\n',
    });
    expect(json(await tenon("env", "list", "--json"))).toEqual([]);
  });

  it("deploys the environment along with --yes, tells of each resource, and the App answers", async () => {
    const { code, stdout, stderr } = await tenon("deploy", "--yes", file);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^deployed greeter in .* s \(stack tenon-dev-greeter, /),
    });
    expect(stderr).toMatch(/ create complete +AWS::DynamoDB::Table Calls\n/);
    expect(stderr).toMatch(/ create complete +AWS::Lambda::Function AppFngreetLambda/);
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ code: 0, stdout: "hello moby\n" });
    expect(json(await tenon("env", "list", "--json"))).toEqual([{ name: "dev", version: 1, apps: ["greeter"] }]);
  });

  it("does nothing when nothing has changed, without loading the CDK's toolkit", async () => {
    expect(json(await tenon("deploy", "--json", file))).toMatchObject({ app: "greeter", changed: false });
    const { code, stderr } = await start(["deploy", file], { env: variables, node: ["--import", LOAD_TRACE] }).ended;
    expect({ code, toolkit: stderr.includes("@aws-cdk/toolkit-lib") }).toEqual({ code: 0, toolkit: false });
    expect(stderr).toContain("@aws-sdk/client-cloudformation");
    expect(json(await tenon("env", "deploy", "--json"))).toMatchObject({ changed: false });
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
    expect(stderr).toMatch(/error: The stack tenon-dev-taken was not deployed:\n {2}AWS::SSM::Parameter AppManifest\w+: .*\nhint: /);
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
    expect(await tenon("destroy", "--yes", "greter")).toMatchObject({ code: 1, stderr: expect.stringContaining("Did you mean greeter?") });
    expect(await tenon("destroy", "--yes", `${file}::greet`)).toMatchObject({ code: 2 });
    expect(await tenon("env", "destroy", "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("tenon destroy -e dev greeter"),
    });
    expect(json(await tenon("destroy", "--yes", "--json", file))).toMatchObject({ app: "greeter", state: "destroyed" });
    expect(json(await tenon("env", "list", "--json"))).toEqual([{ name: "dev", version: 1, apps: [] }]);
    expect(await tenon("call", "greeter/greet", "moby")).toMatchObject({ code: 1 });
  });

  it("destroys an environment but for its data, and refuses to make it anew beside that", async () => {
    const { stdout } = await tenon("env", "destroy", "--yes");
    expect(stdout).toMatch(/^destroyed environment dev\n {2}kept: the table tenon-dev-data-\w+\n {2}kept: the bucket tenon-dev-/);
    expect(await tenon("env", "destroy", "--yes")).toMatchObject({ code: 1, stderr: expect.stringContaining("tenon env list") });
    const { code, stderr } = await tenon("env", "deploy");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: Environment "dev" can't be made: the data of an earlier one .*\nhint: To use it again: npx cdk deploy --import/,
    );
  });
});
