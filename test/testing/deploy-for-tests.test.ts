import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createStacksApi } from "../../src/adapters/aws/stacks.ts";
import { clientOptions } from "../helpers/account.ts";
import { accountVariables } from "../helpers/bootstrapped.ts";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();
const ROOT = join(import.meta.dirname, "../..");
const EXAMPLE = join(ROOT, "examples/testing");

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

describeAws(aws)("deployForTests, as Vitest's globalSetup", () => {
  // Whatever a run leaves behind lies here.
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "tenon-for-tests-"));
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  function start(variables: Record<string, string> = {}, root = EXAMPLE): { readonly ended: Promise<Ended>; interrupt(): void } {
    const outside = /^(?:AWS_|TENON_|VITEST|NODE_OPTIONS$|NODE_ENV$|TEST$)/;
    const env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !outside.test(name))),
      TMPDIR: place,
      NO_COLOR: "1",
    };
    const args = [join(ROOT, "node_modules/vitest/vitest.mjs"), "run", "--root", root, "--config", "vitest.config.ts"];
    const child = spawn(process.execPath, args, { cwd: root, env: { ...env, ...variables }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    return {
      ended: once(child, "close").then(([code]) => ({ code: code as number | null, output })),
      interrupt: () => void child.kill("SIGINT"),
    };
  }
  const stateFolders = (): readonly string[] => readdirSync(place).filter((name) => /tenon|ministack|localstack/i.test(name));
  async function stacks(): Promise<readonly string[]> {
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Stacks = [] } = await formation.send(new DescribeStacksCommand({}));
    formation.destroy();
    return Stacks.map((stack) => stack.StackName!).toSorted();
  }
  /** A project in the example's place, so that it finds the same packages. */
  function project(files: Readonly<Record<string, string>>): string {
    const folder = mkdtempSync(join(ROOT, "examples/testing/tried-"));
    writeFileSync(join(folder, "vitest.config.ts"), `export default { test: { globalSetup: ["./aws.setup.ts"] } };`);
    writeFileSync(join(folder, "a.test.ts"), `import { test } from "vitest"; test("a", () => {});`);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return folder;
  }
  const setup = (entry: string): string =>
    `import { deployForTests } from "tenon/testing";\nexport default deployForTests({ entry: new URL(${JSON.stringify(entry)}, import.meta.url) });`;

  it("deploys the example on an account of its own, twice at once, never on that of a profile, and leaves nothing", async () => {
    const named = start({ AWS_PROFILE: "somebodys-own", AWS_SESSION_TOKEN: "theirs" });
    for (const { code, output } of await Promise.all([start().ended, named.ended])) {
      expect(output).toMatch(/Tests\s+3 passed/);
      expect(code).toBe(0);
    }
    expect(stateFolders()).toEqual([]);
  });

  it("uses a given endpoint again and again: the App's stack goes, the environment's stays", async () => {
    const given = accountVariables(aws.account, aws.account.rootCredentials);
    for (let run = 1; run <= 2; run++) {
      expect((await start(given).ended).output).toMatch(/Tests\s+3 passed/);
      expect(await stacks()).toEqual(["tenon-test"]);
    }
  });

  it("does not take over an App that is deployed at a given endpoint, and leaves it alone", async () => {
    await deployOnAccount(aws.account, "test", join(EXAMPLE, "orders.ts"));
    const { code, output } = await start(accountVariables(aws.account, aws.account.rootCredentials)).ended;
    expect(code).toBe(1);
    expect(output).toMatch(/ConflictError: App "orders" is deployed at http:.* in environment "test" already/);
    expect(await stacks()).toEqual(["tenon-test", "tenon-test-orders"]);
  });

  it("tells CloudFormation's reasons of a stack that can't be made, and leaves none", async () => {
    const { endpoint, region, rootCredentials } = aws.account;
    const api = createStacksApi({ endpoint, region, credentials: rootCredentials });
    const parameter = { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Value: "1", Name: "/taken" } };
    const stack = (name: string, Resources: object) => ({ name, template: JSON.stringify({ Resources }), bucket: "none", tags: {} });
    await api.create(stack("first", { Mine: parameter }));
    const second = api.create(stack("second", { Yours: parameter }));
    // LocalStack has events of the failed stack itself before it.
    await expect(second).rejects.toThrow(/^The stack second was not made:\nYours: /);
    expect(await stacks()).not.toContain("second");
    await api.remove("first");
    expect(await stacks()).not.toContain("first");
    api.destroy();
  });

  it.each([
    [
      "a file that is not there",
      { "aws.setup.ts": setup("./nowhere.ts") },
      {},
      /NotFoundError: deployForTests: there is no file .*nowhere\.ts/,
    ],
    [
      "a module that throws",
      { "aws.setup.ts": setup("./app.ts"), "app.ts": `throw new RangeError("no model here");` },
      {},
      /no model here/,
    ],
    [
      "a machine without Python",
      { "aws.setup.ts": setup("../orders.ts") },
      { TENON_PYTHON: "no-such-python" },
      /Install Python 3\.11 or newer/,
    ],
  ])("says what is wrong with %s, and leaves nothing", async (_, files, variables, said) => {
    const folder = project(files);
    try {
      const { code, output } = await start(variables, folder).ended;
      expect(output).toMatch(said);
      expect(code).toBe(1);
      expect(stateFolders()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("leaves nothing after Ctrl-C while tests run", async () => {
    const marker = join(place, "started");
    const folder = project({
      "aws.setup.ts": setup("../orders.ts"),
      "a.test.ts": `import { writeFileSync } from "node:fs";
        import { test } from "vitest";
        test("a", async () => { writeFileSync(${JSON.stringify(marker)}, ""); await new Promise((r) => setTimeout(r, 100_000)); }, 100_000);`,
    });
    try {
      const run = start({}, folder);
      await vi.waitFor(() => expect(readdirSync(place)).toContain("started"), { timeout: 60_000, interval: 50 });
      expect(stateFolders()).not.toEqual([]);
      run.interrupt();
      await run.ended;
      await vi.waitFor(() => expect(stateFolders()).toEqual([]), { timeout: 20_000, interval: 100 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
