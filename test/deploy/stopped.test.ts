import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, start, tenonBin } from "../cli/bin.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { holdAnswers } from "./holding-front.ts";

// A front keeps one answer back, so a command waits for it when Ctrl-C comes.
const aws = await emulatedAws();

const ASSUME = /Action=AssumeRole/;
const GOES_ON = "CloudFormation goes on with the stack";

describeAws(aws)("Ctrl-C in a command that changes a stack", { timeout: 120_000 }, () => {
  let folder: string;
  let file: string;
  let variables: Record<string, string>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-stopped-test-"));
    file = join(folder, "greeter.ts");
    writeFileSync(file, 'import { App } from "tenon";\nconst app = new App("greeter");\napp.function("greet", {}, async () => 1);\n');
    variables = { ...accountVariables(aws.account), TENON_STATE_DIR: join(folder, "state"), TENON_BACKEND: "aws" };
    bootstrap(aws.account, folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Stops a command while it waits for the first answer that matches, from the first question to CloudFormation on. */
  async function stopAt(held: RegExp, ...args: string[]): Promise<Ended> {
    const front = await holdAnswers(aws.account.endpoint, /Action=DescribeStacks/, held);
    const { endpoint } = front;
    const command = start(args, { env: { ...variables, AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint } });
    await front.holds;
    command.kill("SIGINT");
    const ended = await command.ended;
    front.close();
    return ended;
  }
  async function statusOf(StackName: string): Promise<string | undefined> {
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Stacks = [] } = await formation.send(new DescribeStacksCommand({ StackName }));
    formation.destroy();
    return Stacks[0]?.StackStatus;
  }

  it("says that nothing was started while the CDK's roles are taken on, and that CloudFormation goes on later", async () => {
    const early = await stopAt(ASSUME, "env", "deploy");
    expect(early).toMatchObject({ code: 130, stderr: expect.stringMatching(/^Nothing was started\.$/m) });
    expect(early.stderr).not.toContain(GOES_ON);
    await expect(statusOf("tenon-dev")).rejects.toThrow("does not exist");
    const late = await stopAt(/Action=CreateChangeSet/, "env", "deploy");
    expect(late).toMatchObject({ code: 130, stderr: expect.stringContaining(`${GOES_ON} tenon-dev.`) });
    expect(late.stderr).not.toContain("Nothing was started");
  });

  it("says so of an App, whose request was under way at least", async () => {
    expect(await tenonBin(["env", "deploy"], { env: variables })).toMatchObject({ code: 0 });
    const early = await stopAt(ASSUME, "deploy", file);
    expect(early).toMatchObject({ code: 130, stderr: expect.stringMatching(/^Nothing was started\.$/m) });
    expect(early.stderr).not.toContain(GOES_ON);
    const late = await stopAt(/Action=CreateStack/, "deploy", file);
    expect(late).toMatchObject({ code: 130, stderr: expect.stringContaining(`${GOES_ON} tenon-dev-greeter.`) });
  });

  it("says so of a stack that was to be deleted", async () => {
    const early = await stopAt(ASSUME, "env", "destroy", "--yes");
    expect(early).toMatchObject({ code: 130, stderr: expect.stringMatching(/^Nothing was started\.$/m) });
    expect(early.stderr).not.toContain(GOES_ON);
    expect(await statusOf("tenon-dev")).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
    const late = await stopAt(/Action=DeleteStack/, "env", "destroy", "--yes");
    expect(late).toMatchObject({ code: 130, stderr: expect.stringContaining(`${GOES_ON} tenon-dev.`) });
  });
});
