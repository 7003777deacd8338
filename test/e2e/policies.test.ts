import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, tenonBin } from "../cli/bin.ts";
import { accountUnderTest } from "../helpers/account-under-test.ts";
import { bootstrap } from "../helpers/bootstrapped.ts";
import { gapOf } from "../helpers/gaps.ts";
import { createPolicyUsers } from "../helpers/policy-users.ts";

// Users with the policies that the command prints, each in an account where IAM is enforced.
const account = await accountUnderTest("p");
// Skipped: where there is no account, which `accountUnderTest` has said, or everything is allowed in it (the gap "iam-enforced").
const described = gapOf(account, "iam-enforced") === undefined ? account.describe : describe.skip;

described("a user with the policy of the", { timeout: account.within(300_000) }, () => {
  let folder: string;
  let file: string;
  const as: Record<string, (...args: string[]) => Promise<Ended>> = {};
  const denied = (action: string): object => ({ code: 1, stderr: expect.stringContaining(action) as string });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-policies-"));
    file = join(folder, "greeter.ts");
    writeFileSync(
      file,
      'import { App } from "tenon";\nconst app = new App("greeter");\napp.function("greet", async (name: string) => `hello ${name}`);\n',
    );
    // The account of whoever calls has the CDK's bootstrap: `scripts/test-aws.js` asks for it.
    if (account.emulator !== undefined) bootstrap(account.emulator, folder);
    const common = { TENON_STATE_DIR: join(folder, "state"), TENON_BACKEND: "aws", TENON_ENVIRONMENT: account.environment };
    as["root"] = (...args) => tenonBin(args, { env: { ...common, ...account.variables() } });
    const documents: Record<string, string> = {};
    for (const name of ["deployer", "caller", "reader", "data"]) {
      const { code, stdout } = await tenonBin(["env", "policy", "--for", name], { env: common });
      expect(code).toBe(0);
      documents[name] = stdout;
    }
    for (const [name, credentials] of Object.entries(await createPolicyUsers(account, documents)))
      as[name] = (...args) => tenonBin(args, { env: { ...common, ...account.variables(credentials) } });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("deployer deploys an environment and an App and calls it, and touches no data and no other environment", async () => {
    expect(await as["deployer"]!("deploy", "--yes", file)).toMatchObject({ code: 0 });
    expect(await as["deployer"]!("plan", file)).toMatchObject({ code: 0 });
    expect(await as["deployer"]!("call", "greeter/greet", "moby")).toMatchObject({ code: 0, stdout: "hello moby\n" });
    expect(await as["deployer"]!("dict", "put", "seen", "a", "1")).toMatchObject(denied("dynamodb:"));
    expect(await as["deployer"]!("env", "deploy", "-e", `${account.environment}o`)).toMatchObject({ code: 1 });
  });

  it("data user puts and gets, and calls nothing", async () => {
    expect(await as["data"]!("dict", "create", "seen")).toMatchObject({ code: 0 });
    expect(await as["data"]!("dict", "put", "seen", "a", "1")).toMatchObject({ code: 0 });
    expect(await as["data"]!("dict", "get", "seen", "a")).toMatchObject({ code: 0, stdout: "1\n" });
    expect(await as["data"]!("dict", "list")).toMatchObject({ code: 0, stdout: expect.stringContaining("seen") as string });
    expect(await as["data"]!("call", "greeter/greet", "moby")).toMatchObject(denied("ssm:GetParameters"));
    expect(await as["data"]!("deploy", "--yes", file)).toMatchObject({ code: 1 });
  });

  it("caller calls and spawns, and changes nothing else", async () => {
    expect(await as["caller"]!("call", "greeter/greet", "moby")).toMatchObject({ code: 0, stdout: "hello moby\n" });
    const spawned = await as["caller"]!("call", "--spawn", "greeter/greet", "ahab");
    expect(spawned).toMatchObject({ code: 0 });
    expect(await as["caller"]!("call", "--get", spawned.stdout.trim())).toMatchObject({ code: 0, stdout: "hello ahab\n" });
    expect(await as["caller"]!("dict", "get", "seen", "a")).toMatchObject(denied("dynamodb:GetItem"));
    expect(await as["caller"]!("destroy", "--yes", "greeter")).toMatchObject(denied("cloudformation:DescribeStacks"));
  });

  it("reader sees outcomes and data, and changes and calls nothing", async () => {
    const { stdout } = await as["root"]!("call", "--spawn", "greeter/greet", "queequeg");
    expect(await as["reader"]!("call", "--get", stdout.trim())).toMatchObject({ code: 0, stdout: "hello queequeg\n" });
    expect(await as["reader"]!("dict", "items", "seen")).toMatchObject({ code: 0, stdout: expect.stringContaining("1") as string });
    expect(await as["reader"]!("app", "list")).toMatchObject({ code: 0, stdout: expect.stringContaining("greeter") as string });
    expect(await as["reader"]!("call", "greeter/greet", "moby")).toMatchObject(denied("lambda:InvokeFunction"));
    expect(await as["reader"]!("dict", "put", "seen", "a", "2")).toMatchObject(denied("dynamodb:PutItem"));
    expect(await as["reader"]!("destroy", "--yes", "greeter")).toMatchObject({ code: 1 });
  });

  it("deployer destroys what it has deployed", async () => {
    expect(await as["deployer"]!("destroy", "--yes", "greeter")).toMatchObject({ code: 0 });
    expect(await as["deployer"]!("env", "destroy", "--yes")).toMatchObject({ code: 0 });
  });
});
