import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { IAMClient, ListPoliciesCommand, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { AWS_SUITES } from "../../scripts/aws-suites.js";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { gapOf, skipWithGap } from "../helpers/gaps.ts";

// The emulated account stands for the real one, which the command has never seen.
const aws = await emulatedAws();
const ROOT = join(import.meta.dirname, "../..");

/** How many tests the account can't show, by the row that says so. */
const TESTS = { "lambda-caller-gone": 1, "lambda-sqs-parallel": 1, "cloudwatch-of-aws": 1, "iam-enforced": 5 };
const lacks = (id: string): boolean => gapOf(aws.account, id) !== undefined;
const skipped = (): number => Object.entries(TESTS).reduce((sum, [id, tests]) => sum + (lacks(id) ? tests : 0), 0);

describeAws(aws)("npm run test:aws", { timeout: 1_200_000 }, () => {
  function start(variables: Record<string, string>, args: readonly string[] = []) {
    const outside = /^(?:AWS_|TENON_|VITEST|NODE_OPTIONS$|NODE_ENV$|TEST$)/;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !outside.test(name)));
    const child = spawn(process.execPath, ["scripts/test-aws.js", ...args], {
      cwd: ROOT,
      env: {
        ...env,
        NO_COLOR: "1",
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_CONFIG_FILE: "none",
        AWS_SHARED_CREDENTIALS_FILE: "none",
        ...variables,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    return { child, output: () => output, ended: once(child, "close").then(([code]) => ({ code: code as number, output })) };
  }
  const account = (): Record<string, string> => accountVariables(aws.account, aws.account.rootCredentials);

  /** Everything that costs or holds something, by name. */
  async function everything(): Promise<readonly (string | undefined)[]> {
    const options = clientOptions(aws.account, aws.account.rootCredentials);
    const { Stacks = [] } = await new CloudFormationClient(options).send(new DescribeStacksCommand({}));
    const { TableNames = [] } = await new DynamoDBClient(options).send(new ListTablesCommand({}));
    const iam = new IAMClient(options);
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    const { Users = [] } = await iam.send(new ListUsersCommand({}));
    const { Policies = [] } = await iam.send(new ListPoliciesCommand({ Scope: "Local" }));
    const { Functions = [] } = await new LambdaClient(options).send(new ListFunctionsCommand({}));
    const { Buckets = [] } = await new S3Client({ ...options, forcePathStyle: true }).send(new ListBucketsCommand({}));
    const { QueueUrls = [] } = await new SQSClient(options).send(new ListQueuesCommand({}));
    const { Parameters = [] } = await new SSMClient(options).send(new DescribeParametersCommand({}));
    const { logGroups = [] } = await new CloudWatchLogsClient(options).send(new DescribeLogGroupsCommand({}));
    return [
      ...logGroups.map((each) => each.logGroupName),
      ...Stacks.map((each) => each.StackName),
      ...TableNames,
      ...Roles.map((each) => each.RoleName),
      ...Users.map((each) => each.UserName),
      ...Policies.map((each) => each.PolicyName),
      ...Functions.map((each) => each.FunctionName),
      ...Buckets.map((each) => each.Name),
      ...QueueUrls,
      ...Parameters.map((each) => each.Name),
    ];
  }

  it("refuses without a region, without credentials, for an account that nobody has confirmed, and without the CDK's bootstrap", async () => {
    const before = await everything();
    const { AWS_ACCESS_KEY_ID: _, ...keyless } = account();
    expect(await start({}).ended).toEqual({ code: 2, output: "No region: set AWS_REGION.\n" });
    expect(await start(keyless).ended).toMatchObject({ code: 2, output: expect.stringContaining("No AWS account can be used") });
    expect(await start(account()).ended).toMatchObject({ code: 2, output: expect.stringContaining("TENON_TEST_ACCOUNT=000000000000") });
    const other = await start({ ...account(), TENON_TEST_ACCOUNT: "123456789012" }).ended;
    expect(other).toMatchObject({ code: 2, output: expect.stringContaining("the account 000000000000: nothing was done") });
    const bare = await start({ ...account(), TENON_TEST_ACCOUNT: "000000000000" }).ended;
    expect(bare).toMatchObject({ code: 2, output: expect.stringContaining("run npx cdk bootstrap aws://000000000000/us-east-1") });
    expect(await everything()).toEqual(before);
  });

  it("says by --help what it runs, and that no real account has seen it", async () => {
    const { code, output } = await start({}, ["--help"]).ended;
    expect(code).toBe(0);
    for (const suite of Object.values(AWS_SUITES)) expect(output).toContain(suite);
    expect(output).toContain("never been run on a real account");
  });

  describe("in an account with the CDK's bootstrap", () => {
    let before: Awaited<ReturnType<typeof everything>>;
    const confirmed = (): Record<string, string> => ({ ...account(), TENON_TEST_ACCOUNT: "000000000000" });

    beforeAll(async () => {
      const home = mkdtempSync(join(tmpdir(), "tenon-test-aws-"));
      bootstrap(aws.account, home);
      rmSync(home, { recursive: true });
      before = await everything();
    }, 180_000);

    it("runs every suite, says that no real account has seen them, and leaves nothing: no data, no log, no user", async () => {
      const { code, output } = await start(confirmed()).ended;
      expect(output).toContain("never been run on a real AWS account");
      for (const suite of Object.values(AWS_SUITES)) expect(output).toContain(`${suite} (`);
      expect(output).toMatch(lacks("iam-enforced") ? /Test Files\s+3 passed \| 1 skipped/ : /Test Files\s+4 passed \(4\)/);
      expect(output).toMatch(new RegExp(`Tests\\s+\\d+ passed \\| ${skipped()} skipped`));
      expect(output).toMatch(/removed: .*stack tenon-t\w{11}c-tenon-contract, .*stack tenon-t\w{11}c, .*table .*, bucket tenon-t\w{11}c-/);
      expect(code).toBe(0);
      expect(await everything()).toEqual(before);
    });

    /** Ctrl-C while one suite is at its work, when what is named is there. */
    async function interrupt(tests: string, there: string): Promise<string> {
      const run = start(confirmed(), ["-t", tests]);
      const found = async (): Promise<boolean> => (await everything()).some((name) => name?.includes(there));
      await vi.waitFor(async () => expect(await found()).toBe(true), { timeout: 120_000, interval: 100 });
      run.child.kill("SIGINT");
      const { code, output } = await run.ended;
      expect(code).toBe(130);
      expect(await everything()).toEqual(before);
      return output;
    }

    it("leaves nothing after Ctrl-C while it deploys", async (context) => {
      skipWithGap(context, aws.account, "cfn-delete-unfinished");
      expect(await interrupt("functions: AWS", "tenon-contract")).toMatch(/removed: .*stack/);
    });

    it("leaves no user, no key and no policy after Ctrl-C", async (context) => {
      skipWithGap(context, aws.account, "iam-enforced");
      const output = await interrupt("a user with the policy of the", "policy-reader");
      expect(output).toMatch(/removed: .*user tenon-t\w{11}p-policy-deployer, .*policy tenon-t\w{11}p-policy-deployer/);
    });
  });
});
