import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, afterEach, expect, test } from "vitest";
import { startEmulator } from "../../localstack/start.js";
import type { Emulator } from "../../localstack/start.js";
import { clientOptions, createFunction, invoke } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { isLiving } from "../helpers/workers.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...own } = process.env;
const aws = await emulatedAws({ env: own });
const CLI = "localstack/start.js";
/** Where an emulator that a test starts puts its folder, so that what is left behind can be told from what others have. */
const place = mkdtempSync(join(tmpdir(), "tenon-test-"));
const env = { ...own, TMPDIR: place };
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A Lambda whose environment has started a process of its own. */
const PARENT = `import { spawn } from "node:child_process";
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  export const handler = async () => [process.pid, child.pid];`;

async function gone(pids: readonly number[], folder: string | undefined) {
  await expect.poll(() => pids.filter(isLiving), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => existsSync(folder!), { timeout: 20_000 }).toBe(false);
}

/** Runs a program in a process of its own and gives the first lines that it prints. */
async function runUntil(args: readonly string[], lines: number): Promise<{ child: ChildProcess; printed: string[] }> {
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const part of child.stdout) {
    text += part;
    if (text.split("\n").length > lines) break;
  }
  return { child, printed: text.trimEnd().split("\n") };
}

describeAws(aws)("the life of an emulator", () => {
  const started: Emulator[] = [];
  afterEach(async () => {
    for (const emulator of started.splice(0)) await emulator.stop();
  });

  async function start(): Promise<Emulator> {
    const emulator = await startEmulator({ env });
    started.push(emulator);
    return emulator;
  }

  test("two live beside each other and know nothing of each other", async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.endpoint).not.toBe(two.endpoint);
    expect(one.folder).not.toBe(two.folder);
    const sqs = (emulator: Emulator) => new SQSClient(clientOptions(emulator, emulator.rootCredentials));
    await sqs(one).send(new CreateQueueCommand({ QueueName: "only-here" }));
    expect((await sqs(one).send(new ListQueuesCommand({}))).QueueUrls ?? []).toHaveLength(1);
    expect((await sqs(two).send(new ListQueuesCommand({}))).QueueUrls ?? []).toEqual([]);
  });

  test("stop leaves no process and no folder", async () => {
    const emulator = await start();
    await createFunction(emulator, "tenon-test", PARENT);
    const { value: pids } = await invoke({ ...emulator, credentials: emulator.rootCredentials }, "tenon-test");
    expect(pids.every(isLiving)).toBe(true);
    await emulator.stop();
    expect([emulator.pid!, ...pids].filter(isLiving)).toEqual([]);
    expect(existsSync(emulator.folder!)).toBe(false);
  });

  test("it ends with the process that has started it, even when that is killed", async () => {
    const program = `
      const { startEmulator } = await import(${JSON.stringify(`${process.cwd()}/localstack/start.js`)});
      const { pid, folder, endpoint, rootCredentials } = await startEmulator();
      console.log(JSON.stringify({ pid, folder, endpoint, rootCredentials, region: "us-east-1", accountId: "000000000000" }));
      setInterval(() => {}, 1000);`;
    const { child, printed } = await runUntil(["--input-type=module", "-e", program], 1);
    const emulator: Emulator = JSON.parse(printed[0]!);
    await createFunction(emulator, "tenon-test", PARENT);
    const { value: pids } = await invoke({ ...emulator, credentials: emulator.rootCredentials }, "tenon-test");
    child.kill("SIGKILL");
    await gone([emulator.pid!, ...pids], emulator.folder);
  });

  test("the next one removes what a killed one has left, and its Lambdas end by themselves", async () => {
    const killed = await start();
    await createFunction(killed, "tenon-test", `export const handler = async () => [process.pid];`);
    const { value: pids } = await invoke({ ...killed, credentials: killed.rootCredentials }, "tenon-test");
    process.kill(killed.pid!, "SIGKILL");
    await killed.ended;
    expect(existsSync(killed.folder!)).toBe(true);
    await start();
    await gone(pids, killed.folder);
  });

  test("the command prints how to use it, and ends in order on Ctrl-C", async () => {
    const { child, printed } = await runUntil([CLI], 7);
    const [endpoint, ...lines] = printed.slice(0, 6);
    expect(lines.map((line) => line.replace(/=.*/, ""))).toEqual(
      ["ENDPOINT_URL", "ENDPOINT_URL_S3", "REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"].map((name) => `export AWS_${name}`),
    );
    expect(lines[0]).toBe(`export AWS_ENDPOINT_URL=${endpoint}`);
    const root = /^# As root: AWS_ACCESS_KEY_ID=(\S+) AWS_SECRET_ACCESS_KEY=(\S+) npx cdk bootstrap aws:\/\/000000000000\/us-east-1$/.exec(
      printed[6]!,
    )!;
    const keys = { "user/tenon-deployer": lines.slice(3).map((line) => line.replace(/.*?=/, "")), root: root.slice(1) };
    for (const [caller, [accessKeyId = "", secretAccessKey = ""]] of Object.entries(keys)) {
      const sts = new STSClient({ endpoint: endpoint!, region: "us-east-1", credentials: { accessKeyId, secretAccessKey } });
      expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::000000000000:${caller}`);
      sts.destroy();
    }
    const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ").map(Number);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(isLiving(pid!)).toBe(false);
  });

  test("with AWS_ENDPOINT_URL nothing is started and that endpoint is used", async () => {
    const { accessKeyId, secretAccessKey } = aws.account.credentials;
    const given = await startEmulator({
      env: { AWS_ENDPOINT_URL: aws.account.endpoint, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    });
    expect(given).toMatchObject({
      started: false,
      kind: aws.account.kind,
      pid: undefined,
      endpoint: aws.account.endpoint,
      accountId: "000000000000",
    });
    expect(given.credentials).toMatchObject({ accessKeyId, secretAccessKey });
    await expect(given.reset()).rejects.toThrow(/can't be emptied: AWS_ENDPOINT_URL names it/);
    await given.stop();
    expect(isLiving(aws.account.pid!)).toBe(true);
  });
});
