import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Ended, start, tenonBin } from "../cli/bin.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables, bootstrap } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();

const SOURCE = `import { App } from "tenon";
const app = new App("chatty");
const inner = app.function("inner", {}, async (n: number) => {
  console.log("inner", n);
  return n * 2;
});
const outer = app.function("outer", {}, async (n: number) => {
  console.log("outer", n);
  return (await inner.remote(n)) + 1;
});
app.localEntrypoint({ options: { wait: { type: "boolean" } } }, async ({ wait }) => {
  console.log("result", await outer.remote(20));
  console.log("map", await inner.map([1, 2, 3]).toArray());
  console.log("spawned", await (await outer.spawn(4)).get());
  if (wait) await new Promise((resolve) => setTimeout(resolve, 600_000));
});
app.localEntrypoint({ name: "fail" }, async () => {
  throw new RangeError("on purpose");
});
`;

describeAws(aws)("tenon run --aws", { timeout: 60_000 }, () => {
  let folder: string;
  let file: string;
  let variables: Record<string, string>;
  const tenon = (...args: string[]): Promise<Ended> => tenonBin(args, { env: variables });
  const stacks = async (): Promise<readonly string[]> => {
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Stacks = [] } = await formation.send(new DescribeStacksCommand({}));
    formation.destroy();
    return Stacks.filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE").map(({ StackName = "" }) => StackName);
  };
  const sorted = (text: string): readonly string[] => text.split("\n").toSorted();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-run-test-"));
    file = join(folder, "chatty.ts");
    writeFileSync(file, SOURCE);
    variables = { ...accountVariables(aws.account), TENON_STATE_DIR: join(folder, "state"), TMPDIR: mkdtempSync(join(folder, "tmp-")) };
    bootstrap(aws.account, folder);
    expect(await tenon("env", "deploy")).toMatchObject({ code: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("prints what tenon run prints, the lines of its containers among it, and leaves no stack", async () => {
    const here = await tenon("run", `${file}::main`);
    expect(here).toMatchObject({ code: 0, stdout: expect.stringContaining("result 41\n") });
    const there = await tenon("run", "--aws", `${file}::main`);
    expect({ code: there.code, lines: sorted(there.stdout) }).toEqual({ code: 0, lines: sorted(here.stdout) });
    expect(there.stdout.indexOf("result 41")).toBeLessThan(there.stdout.indexOf("spawned 9"));
    expect(there.stderr).toMatch(/deploying chatty as the stack (tenon-dev-chatty-run-\w{8}), for this run\n[^]*removing the stack \1\n/);
    expect(await stacks()).toEqual(expect.not.arrayContaining([expect.stringContaining("-run-")]));
  });

  it("runs one Function, and fails as the entrypoint fails; both leave no stack", async () => {
    expect(await tenon("run", "--aws", `${file}::inner`, "21")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^42$/m) });
    const { code, stderr } = await tenon("run", "--aws", `${file}::fail`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: RangeError: on purpose\n {2}at .*chatty\.ts:\d+/);
    expect(await stacks()).toEqual(expect.not.arrayContaining([expect.stringContaining("-run-")]));
  });

  it("takes its stack away at Ctrl-C", async () => {
    const command = start(["run", "--aws", `${file}::main`, "--wait"], { env: variables });
    await command.seen(/spawned 9/);
    expect(await stacks()).toEqual(expect.arrayContaining([expect.stringContaining("-run-")]));
    command.kill("SIGINT");
    expect(await command.ended).toMatchObject({ code: 130, stderr: expect.stringContaining("removing the stack") });
    expect(await stacks()).toEqual(expect.not.arrayContaining([expect.stringContaining("-run-")]));
  });

  it("removes what a killed one has left, and leaves alone one that runs", async () => {
    const killed = start(["run", "--aws", `${file}::main`, "--wait"], { env: variables });
    await killed.seen(/spawned 9/);
    killed.kill("SIGKILL");
    await killed.ended;
    const [left] = (await stacks()).filter((name) => name.includes("-run-"));
    const alive = start(["run", "--aws", `${file}::main`, "--wait"], { env: variables });
    await alive.seen(/spawned 9/);
    const [running, ...others] = (await stacks()).filter((name) => name.includes("-run-"));
    expect({ others, isNew: running !== left }).toEqual({ others: [], isNew: true });
    const third = await tenon("run", "--aws", `${file}::inner`, "1");
    expect(third.stderr).not.toContain("left behind");
    alive.kill("SIGTERM");
    expect(await alive.ended).toMatchObject({
      code: 143,
      stderr: expect.stringContaining(`${left}, which an earlier run left behind`),
    });
    expect(await stacks()).toEqual(expect.not.arrayContaining([expect.stringContaining("-run-")]));
    expect(readdirSync(variables["TMPDIR"] ?? "").filter((name) => name.startsWith("tenon-assembly-"))).toEqual([]);
  });

  it("refuses an account without the environment, and asks for it", async () => {
    const { code, stderr } = await tenon("run", "--aws", "--env", "other", `${file}::main`);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("tenon env deploy -e other") });
  });
});
