import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DescribeParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, it, vi } from "vitest";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { gapOf, skipWithGap } from "../helpers/gaps.ts";

// The emulated account stands for the real one, which the command has never seen.
const aws = await emulatedAws();
const ROOT = join(import.meta.dirname, "../..");

/** Tests of the contract that the account can't show. */
const SKIPPED = aws.missing ? 0 : ["lambda-caller-gone", "lambda-sqs-parallel"].filter((id) => gapOf(aws.account, id) !== undefined).length;

describeAws(aws)("npm run test:aws", { timeout: 240_000 }, () => {
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
    const { Roles = [] } = await new IAMClient(options).send(new ListRolesCommand({}));
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
      ...Functions.map((each) => each.FunctionName),
      ...Buckets.map((each) => each.Name),
      ...QueueUrls,
      ...Parameters.map((each) => each.Name),
    ];
  }

  it("refuses without a region, without credentials, and for an account that nobody has confirmed", async () => {
    const { AWS_ACCESS_KEY_ID: _, ...keyless } = account();
    expect(await start({}).ended).toEqual({ code: 2, output: "No region: set AWS_REGION.\n" });
    expect(await start(keyless).ended).toMatchObject({ code: 2, output: expect.stringContaining("No AWS account can be used") });
    expect(await start(account()).ended).toMatchObject({ code: 2, output: expect.stringContaining("TENON_TEST_ACCOUNT=000000000000") });
    const other = await start({ ...account(), TENON_TEST_ACCOUNT: "123456789012" }).ended;
    expect(other).toMatchObject({ code: 2, output: expect.stringContaining("the account 000000000000: nothing was done") });
    expect(await everything()).toEqual([]);
  });

  it("runs the suites, says that no real account has seen them, and leaves nothing, durable calls and large values included", async () => {
    const { code, output } = await start({ ...account(), TENON_TEST_ACCOUNT: "000000000000" }).ended;
    expect(output).toContain("never been run on a real AWS account");
    expect(output).toMatch(new RegExp(`Tests\\s+\\d+ passed \\| ${SKIPPED} skipped`));
    expect(output).toMatch(/removed: stack tenon-t\w{11}-tenon-contract, stack tenon-t\w{11}, table .*, bucket tenon-t\w{11}-/);
    expect(code).toBe(0);
    expect(await everything()).toEqual([]);
  });

  it("leaves nothing after Ctrl-C", async (context) => {
    skipWithGap(context, aws.account, "cfn-delete-unfinished");
    const run = start({ ...account(), TENON_TEST_ACCOUNT: "000000000000" });
    await vi.waitFor(async () => expect((await everything()).some((name) => name?.includes("tenon-contract"))).toBe(true), {
      timeout: 60_000,
      interval: 100,
    });
    run.child.kill("SIGINT");
    expect(await run.ended).toMatchObject({ code: 130, output: expect.stringContaining("removed: stack") });
    expect(await everything()).toEqual([]);
  });
});
