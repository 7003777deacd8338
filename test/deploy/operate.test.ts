import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { Client, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dispatcherName, functionName } from "../../src/model/aws-names.ts";
import { type Ended, start, tenonBin } from "../cli/bin.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { actOn } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

// The commands that users type, in the name of the user whose policy is documented, with IAM enforced.
const aws = await emulatedAws();

const SOURCE = `import { App } from "tenon";
const app = new App("chatty");
export const say = app.function("say", {}, async (text: string) => {
  console.log("said", text);
  console.error("aside", text);
  return text.length;
});
export const alone = app.function("alone", { maxContainers: 1 }, async (n: number) => {
  console.log("alone", n);
  return n * 2;
});
`;

describeAws(aws)("tenon app list, logs and stop on AWS", { timeout: 120_000 }, () => {
  let folder: string;
  let file: string;
  let variables: Record<string, string>;
  let lambda: LambdaClient;
  const tenon = (...args: string[]): Promise<Ended> => tenonBin(args, { env: variables });
  const json = ({ stdout, stderr, code }: Ended): unknown => {
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  };
  const lambdas = {
    say: functionName("dev", "chatty", "say"),
    alone: functionName("dev", "chatty", "alone"),
    dispatcher: dispatcherName("dev", "chatty"),
  };
  /** The environments that are reserved for each of them, and whether each of their sources is on. */
  const switches = async (): Promise<Readonly<Record<string, unknown>>> => {
    const found = Object.entries(lambdas).map(async ([key, FunctionName]) => {
      const { ReservedConcurrentExecutions = null } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
      return [key, [ReservedConcurrentExecutions, ...EventSourceMappings.map(({ State = "" }) => State.startsWith("Enabl"))]];
    });
    return Object.fromEntries(await Promise.all(found)) as Readonly<Record<string, unknown>>;
  };
  const ON = { say: [null], alone: [null, true], dispatcher: [null, true] };
  const OFF = { say: [0], alone: [0, false], dispatcher: [0, false] };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-operate-test-"));
    file = join(folder, "chatty.ts");
    writeFileSync(file, SOURCE);
    variables = { ...accountVariables(aws.account), TENON_STATE_DIR: join(folder, "state"), TENON_BACKEND: "aws" };
    lambda = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
    bootstrap(aws.account, folder);
    expect(await tenon("deploy", "--yes", file)).toMatchObject({ code: 0 });
  });
  afterAll(() => {
    lambda.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  it("lists what is deployed", async () => {
    const { stdout } = await tenon("app", "list");
    expect(stdout).toMatch(
      /^NAME +STATE +VERSION +SINCE \(UTC\) +FUNCTIONS\nchatty +deployed +[0-9a-f]{12} +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +say, alone\n$/,
    );
    expect(json(await tenon("app", "list", "--json"))).toMatchObject({
      name: "chatty",
      environment: "dev",
      state: "deployed",
      functions: ["say", "alone"],
    });
    expect(await tenon("app", "list", "-e", "nosuch")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining('Environment "nosuch" is not deployed'),
    });
  });

  it("gives the newest lines of its log, each to its stream, and those of one Function or call", async () => {
    expect(await tenon("call", "chatty/say", "one")).toMatchObject({ code: 0 });
    const { functionCallId } = json(await tenon("call", "--spawn", "--json", "chatty/say", "two")) as { functionCallId: string };
    expect(await tenon("call", "--get", functionCallId)).toMatchObject({ stdout: "3\n" });
    expect(await tenon("call", "chatty/alone", "21")).toMatchObject({ code: 0 });
    expect(await tenon("app", "logs", "chatty", "--function", "say")).toEqual({
      code: 0,
      stdout: "said one\nsaid two\n",
      stderr: "aside one\naside two\n",
    });
    expect((await tenon("app", "logs", "chatty", "--since", "10m")).stdout.split("\n").toSorted()).toEqual([
      "",
      "alone 21",
      "said one",
      "said two",
    ]);
    expect(await tenon("app", "logs", "chatty", "--call", functionCallId)).toMatchObject({ stdout: "said two\n", stderr: "aside two\n" });
    expect(await tenon("call", "chatty/say")).toMatchObject({ code: 1 });
    const { stderr } = await tenon("app", "logs", "chatty", "--function", "say", "-n", "1");
    expect(stderr).toMatch(/^say: attempt 1 failed: TypeError: Cannot read properties of undefined .*\n +at .*chatty\.ts:\d+/);
    const { stdout: failed } = await tenon("app", "logs", "chatty", "--function", "say", "-n", "1", "--json");
    expect(JSON.parse(failed)).toMatchObject({ stream: "system", fn: "say", call: expect.stringMatching(/^fc-/) as string, attempt: 1 });
    const { stdout } = await tenon("app", "logs", "chatty", "-n", "1", "--function", "alone", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ stream: "stdout", text: "alone 21", app: "chatty", fn: "alone", attempt: 1 });
    expect(await tenon("app", "logs", "chatty", "--function", "nope")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('App "chatty" has no Function "nope". It has say, alone.'),
    });
    expect(await tenon("app", "logs", "nobody")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('App "nobody" is not deployed'),
    });
  });

  it("follows its log until Ctrl-C", async () => {
    const logs = start(["app", "logs", "chatty", "-f", "-n", "0"], { env: variables });
    // Nothing tells when it has begun to look: the App says it again and again.
    for (let seen = false; !seen;) {
      await tenon("call", "chatty/say", "followed");
      seen = await Promise.race([logs.seen(/said followed/).then(() => true), sleep(2_000, false)]);
    }
    logs.kill("SIGINT");
    expect(await logs.ended).toMatchObject({ code: 130, stdout: expect.stringMatching(/^(?:said followed\n)+$/) });
  });

  it("is stopped by a switch that works at once, and says what goes on and how it is started again", async () => {
    expect(await switches()).toEqual(ON);
    expect(await tenon("app", "stop", "chatty")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("No call starts any more; calls that run go on"),
    });
    expect(await tenon("app", "stop", "nobody", "--yes")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('App "nobody" is not deployed'),
    });
    expect(await tenon("app", "stop", "chatty", "--yes")).toEqual({
      code: 0,
      stderr: "",
      stdout: `stopped chatty
  stopped: 2 Functions and the dispatcher: Lambda starts none of them (reserved concurrency 0)
  stopped: 2 event sources: no message is taken from a queue
  not stopped: calls that run, to their end or their timeoutMs: Lambda ends no invocation
  not stopped: the queue: calls that are spawned, or have not ended, wait until the App is deployed again
  to start it again: tenon deploy file.ts
`,
    });
    expect(await switches()).toEqual(OFF);
    const waiting = start(["call", "chatty/say", "nobody hears"], { env: variables });
    await waiting.seen(/note: App "chatty" is stopped: its calls wait until it is deployed again/);
    waiting.kill("SIGINT");
    expect(await waiting.ended).toMatchObject({ code: 130, stdout: "" });
    expect(json(await tenon("app", "list", "--json"))).toMatchObject({ name: "chatty", state: "stopped" });
  });

  it("tells a program that waits for it why its time has ended", async () => {
    actOn(aws.account);
    const { region, endpoint } = aws.account;
    const client = new Client({ backend: "aws", environment: "dev", region, endpoint });
    const say = RemoteFunction.fromName<(text: string) => Promise<number>>("chatty", "say", { client });
    const refused = {
      code: "OUTPUT_TIMEOUT",
      message: expect.stringContaining("AWS has refused it as throttled, with the reason ReservedFunctionConcurrentInvocation") as string,
      hint: expect.stringContaining("`tenon app list`") as string,
    };
    await expect(say.with({ timeoutMs: 3_000 }).remote("nobody hears")).rejects.toMatchObject(refused);
    const call = await say.spawn("later");
    const unstarted = { message: expect.stringContaining("It has not started.") as string, hint: refused.hint };
    await expect(call.get({ timeoutMs: 500 })).rejects.toMatchObject(unstarted);
    await client.close();
  });

  it("keeps what is spawned meanwhile, and works on it when the App is deployed again without a change", async () => {
    const { functionCallId } = json(await tenon("call", "--spawn", "--json", "chatty/alone", "4")) as { functionCallId: string };
    expect(json(await tenon("deploy", "--json", file))).toMatchObject({ changed: false, started: true });
    expect(await switches()).toEqual(ON);
    expect(await tenon("call", "--get", functionCallId)).toMatchObject({ code: 0, stdout: "8\n" });
    expect(await tenon("call", "chatty/say", "back")).toMatchObject({ stdout: "4\n" });
    expect(json(await tenon("app", "list", "--json"))).toMatchObject({ state: "deployed" });
    expect(json(await tenon("deploy", "--json", file))).toMatchObject({ changed: false, started: false });
  });

  it("leaves alone a Function for which somebody else has reserved environments", async () => {
    const FunctionName = lambdas.say;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }));
    expect(json(await tenon("deploy", "--json", file))).toMatchObject({ changed: false, started: false });
    expect((await switches())["say"]).toEqual([3]);
  });
});
