import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { newFolder, removeFolders, type Template } from "./template.ts";

const ROOT = join(import.meta.dirname, "../..");
const WORDCOUNT = "examples/wordcount.ts";

afterAll(removeFolders);

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function tenon(args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/tenon.js", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, TENON_STATE_DIR: newFolder(), ...env },
  });
  return { code: status, stdout, stderr };
}

function template(folder: string, stack: string): Template {
  return JSON.parse(readFileSync(join(folder, `${stack}.template.json`), "utf8")) as Template;
}

describe("tenon synth", () => {
  it("writes an assembly where the CDK's command looks for it, with everything that is deployed", () => {
    const folder = newFolder();
    const { code, stdout, stderr } = tenon(["synth", WORDCOUNT], { CDK_OUTDIR: folder });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `tenon-dev-wordcount is in ${folder}\n`, stderr: "" });
    const resources = Object.values(template(folder, "tenon-dev-wordcount").Resources);
    expect(resources.filter(({ Type }) => Type === "AWS::Lambda::Function")).toHaveLength(2);
    const [asset] = readdirSync(folder).filter((name) => name.startsWith("asset."));
    expect(readdirSync(join(folder, asset!))).toEqual(expect.arrayContaining(["app.mjs", "node_modules", "runtime.mjs"]));
  });

  it("tells a program what it made, in the environment and for the processor that were asked for", () => {
    const folder = newFolder();
    const { stdout } = tenon(["synth", "--json", "-e", "prod", "--architecture", "x86_64", "-o", folder, WORDCOUNT]);
    expect(JSON.parse(stdout)).toEqual({
      stack: "tenon-prod-wordcount",
      dir: folder,
      app: "wordcount",
      version: expect.stringMatching(/^[0-9a-f]+$/),
      environment: "prod",
      notes: [],
    });
    expect(JSON.stringify(template(folder, "tenon-prod-wordcount"))).toContain('"Architectures":["x86_64"]');
  });

  it("refuses what it can't do, before it does anything", () => {
    const folder = newFolder();
    expect(tenon(["synth", "--architecture", "sparc", "-o", folder, WORDCOUNT])).toMatchObject({ code: 2 });
    expect(tenon(["synth", `${WORDCOUNT}::count`, "-o", folder]).stderr).toContain("tenon synth takes a whole App.");
    expect(tenon(["synth", "-e", "My-Env", "-o", folder, WORDCOUNT]).stderr).toContain('Invalid environment name on AWS: "My-Env"');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("tenon env synth", () => {
  it("writes the assembly of the environment", () => {
    const folder = newFolder();
    expect(tenon(["env", "synth", "-o", folder])).toEqual({
      code: 0,
      stdout: `tenon-dev is in ${folder}\n`,
      stderr: "note: the data table is not protected from deletion in this stack: add --protect once it is deployed\n",
    });
    const { Resources } = template(folder, "tenon-dev");
    expect(Object.keys(Resources)).toHaveLength(10);
    expect(Resources["Data"]!.Properties["DeletionProtectionEnabled"]).toBe(false);
    expect(tenon(["env", "synth", "--protect", "-o", folder])).toMatchObject({ code: 0, stderr: "" });
    expect(template(folder, "tenon-dev").Resources["Data"]!.Properties["DeletionProtectionEnabled"]).toBe(true);
  });
});

describe("the CDK app of the project", () => {
  const { app } = JSON.parse(readFileSync(join(ROOT, "cdk/cdk.json"), "utf8")) as { app: string };

  it.each([
    ["bin/app.ts", ["tenon-dev", "tenon-dev-wordcount"]],
    ["examples/beside-your-own.ts", ["Shop"]],
    ["examples/own-table.ts", ["Prices"]],
  ])("%s makes its stacks", (file, stacks) => {
    const folder = newFolder();
    const command = app.replace("bin/app.ts", file).replaceAll("out/app.mjs", `out/${file.replaceAll("/", "-")}.mjs`);
    const { status, stderr } = spawnSync(command, {
      shell: true,
      cwd: join(ROOT, "cdk"),
      encoding: "utf8",
      env: { ...process.env, CDK_OUTDIR: folder, CDK_VALIDATION: "false", TENON_STATE_DIR: newFolder() },
    });
    expect({ status, stderr: stderr.replaceAll(/^npm warn.*\n/gm, "") }).toEqual({ status: 0, stderr: "" });
    for (const stack of stacks) expect(existsSync(join(folder, `${stack}.template.json`))).toBe(true);
    if (stacks.includes("Shop")) {
      const text = JSON.stringify(template(folder, "Shop"));
      expect(text).toMatch(/ReporterDefaultPolicy.*function:tenon-dev-wordcount-count-[a-z2-7]{16}/);
    }
  });
});

describe("the CDK", () => {
  /** How many modules of it a command has loaded when it ends. */
  function loadedBy(args: readonly string[]): number {
    const trace = join(newFolder(), "trace.cjs");
    const count = `Object.keys(require.cache).filter((file) => /aws-cdk-lib|constructs/.test(file)).length`;
    writeFileSync(trace, `process.on("exit", () => require("node:fs").writeSync(2, "loaded " + ${count} + "\\n"));`);
    return Number(/^loaded (\d+)$/m.exec(tenon(args, { NODE_OPTIONS: `--require ${trace}` }).stderr)![1]);
  }

  it("loads for the command that needs it only, and not as a whole", () => {
    expect(loadedBy(["--help"])).toBe(0);
    expect(loadedBy(["synth", "--help"])).toBe(0);
    expect(loadedBy(["plan", "--iam", WORDCOUNT])).toBe(0);
    const modules = loadedBy(["env", "synth", "-o", newFolder()]);
    expect(modules).toBeGreaterThan(0);
    expect(modules).toBeLessThan(700);
  });
});

describe("tenon plan", () => {
  it("shows what each Function becomes, where AWS differs, and what goes on when idle", () => {
    const { code, stdout, stderr } = tenon(["plan", "test/fixtures/synth/hungry.ts"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toBe(`hungry becomes the stack tenon-dev-hungry

FUNCTION  BECOMES  MEMORY   TIMEOUT  PRICE  BECAUSE OF
fine      Lambda   3538 MB  610 s    $4.81  timeoutMs 300,000, memoryMiB 1,024, cpu 2
long      refused  -        -        -      timeoutMs 3,600,000, memoryMiB 1,024, cpu 0.125
alone     Lambda   1024 MB  610 s    $1.53  timeoutMs 300,000, memoryMiB 1,024, cpu 0.125

The App as a whole
  metrics: one custom metric, Errors, in months in which a call fails ($0.30 a month; with metrics: true 4 and more for each Function)

fine: cpu 2 takes 3,538 MB of memory on Lambda; memoryMiB 1,024 is raised to it
fine: minContainers 1 is not kept: Lambda keeps containers only with provisioned concurrency
long: timeoutMs is 3,600,000; Lambda runs a Function for at most 870,000. Split the work, or lower it: longer and larger Functions will run on ECS, which this version of Tenon does not have.
alone: maxContainers 1 holds for spawned calls, but does not hold for remote and map: Lambda starts a container for each input that runs

Where AWS differs from this machine
  fine, alone: a remote or map that is cancelled, or whose caller has gone, runs on to its end or its timeoutMs: Lambda does not tell a function
  long: remote and map are spawned, each input with rows of its own: no connection is held for more than 300,000 ms
  fine, long, alone: a call that waits for other calls holds its container meanwhile, and an account's concurrency (1,000 by default, 10 in a new account) is the most containers at once of all its functions. What has no room for 5 s is spawned, and rejects with ResourceExhaustedError when it has not started about 120 s later

PRICE is Lambda's, for a million calls of 100 ms on arm64; its time costs 25 % more on x86_64. Beside it
  $4.25 a million calls   a durable call (spawn, or a timeout above 300 s), values up to 1 KB: its rows in DynamoDB, with one that waits for it
  $10.93 a million calls  with values above 4 KiB, in addition: objects in S3, put and read
  $1.50 a million calls   a durable call of alone, in addition: its FIFO queue, which maxContainers takes
  $0.25 a GB and month    rows of durable calls, for 7 days after their end and longer until DynamoDB expires them
  $0.02 a GB and month    values in S3, those of remote and map above 6 MB too: for 31 days
  $0.50 a GB              logs: what the code writes; a call that succeeds adds nothing
  $0.03 a GB and month    logs, while they are kept (30 days by default)
  $0.01 a call            a remote call of fine whose caller has gone, when it runs on to its timeoutMs: at most

While nothing is called, a month has
  648,000 requests  $0.26  SQS: Lambda's pollers of the dispatcher's queue
  648,000 requests  $0.32  SQS: Lambda's pollers of the queue of alone, which has maxContainers
  34,560 requests   $0.05  Lambda: the dispatcher looks for calls that nobody works on
  77,760 requests   $0.03  SQS: a message of each Function for that, sent, received and deleted
  233,280 requests  $0.03  DynamoDB: what it reads for that, 9 requests for each Function
List prices of us-east-1, 2026, before free tiers.
`);
  });

  it("says with --iam what the roles may do, and to a program the policies that synth writes", () => {
    const { stdout } = tenon(["plan", "--iam", WORDCOUNT]);
    expect(stdout.slice(stdout.indexOf("\nThe role"))).toMatchSnapshot();
    const { roles } = JSON.parse(tenon(["plan", "--iam", "--json", WORDCOUNT]).stdout) as { roles: { statements: unknown[] }[] };
    const folder = newFolder();
    tenon(["synth", "-o", folder, WORDCOUNT]);
    const written = Object.values(template(folder, "tenon-dev-wordcount").Resources)
      .filter(({ Type }) => Type === "AWS::IAM::Role")
      .map(({ Properties }) => Properties["Policies"][0].PolicyDocument.Statement as unknown[]);
    expect(roles.map(({ statements }) => statements)).toEqual(expect.arrayContaining(written));
    expect(written).toHaveLength(2);
  });

  it("says the same to a program, and names what synth makes", () => {
    const { code, stdout } = tenon(["plan", "--json", WORDCOUNT]);
    expect(code).toBe(0);
    const folder = newFolder();
    tenon(["synth", "-o", folder, WORDCOUNT]);
    const plan = JSON.parse(stdout) as {
      stack: string;
      functions: { becomes: { resource: string; memoryMiB: number; timeoutSeconds: number } }[];
    };
    const made = Object.values(template(folder, plan.stack).Resources).find(
      ({ Properties }) => Properties["FunctionName"] === plan.functions[0]!.becomes.resource,
    );
    expect(made!.Properties).toMatchObject({
      MemorySize: plan.functions[0]!.becomes.memoryMiB,
      Timeout: plan.functions[0]!.becomes.timeoutSeconds,
    });
  });
});
