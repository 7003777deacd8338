import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, start, tenonBin } from "./bin.ts";
import { LOAD_TRACE } from "../helpers/load-trace.ts";

const fixture = (name: string): string => `test/fixtures/cli/${name}`;

describe("tenon run file.ts::function", () => {
  test("prints the result", async () => {
    expect(await tenonBin(["run", fixture("shop.ts::add"), "2", "40"])).toEqual({ code: 0, stdout: "42\n", stderr: "" });
  });

  test("says before the call that it has too few arguments", async () => {
    expect(await tenonBin(["run", fixture("shop.ts::add"), "2"])).toEqual({
      code: 0,
      stdout: "NaN\n",
      stderr: 'note: Function "add" has 2 parameters, and is called with 1 argument.\n',
    });
  });

  test("gives arguments as JSON, or as text", async () => {
    const { stdout } = await tenonBin(["run", fixture("shop.ts::echo"), '{"a":[1]}', "the whale", "-5"]);
    expect(stdout).toBe("echo on stdout\n[ { a: [ 1 ] }, 'the whale', -5 ]\n");
    const raw = await tenonBin(["run", "--raw", fixture("shop.ts::echo"), "5"]);
    expect(raw.stdout).toBe("echo on stdout\n[ '5' ]\n");
  });

  test("keeps a container's stdout and stderr apart", async () => {
    expect((await tenonBin(["run", fixture("shop.ts::echo")])).stderr).toBe("echo on stderr\n");
  });

  test("with --json stdout is the result, and logs are JSON lines on stderr", async () => {
    const { stdout, stderr } = await tenonBin(["run", "--json", fixture("shop.ts::echo"), "1"]);
    expect(stdout).toBe("[1]\n");
    const events = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(
      events
        .filter(({ event }) => event === "LOG")
        .map(({ stream, text, fn }) => [stream, text, fn])
        .sort(),
    ).toEqual([
      ["stderr", "echo on stderr", "echo"],
      ["stdout", "echo on stdout", "echo"],
    ]);
  });

  test("prints a generator's items one per line", async () => {
    expect((await tenonBin(["run", "--json", fixture("shop.ts::upTo"), "3"])).stdout).toBe('{"i":1}\n{"i":2}\n{"i":3}\n');
  });

  test("shows a remote error with its class and the first line of the user's own file", async () => {
    const { code, stdout, stderr } = await tenonBin(["run", fixture("shop.ts::charge"), "4242", "--raw"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: PaymentDeclined: card ending in 4242 was declined\n {2}at .*test\/fixtures\/cli\/shop\.ts:29:9\)?\nhint: .*--verbose/,
    );
  });

  test("and with --json as one object", async () => {
    const { code, stderr } = await tenonBin(["run", "--json", fixture("shop.ts::charge"), "1"]);
    expect(code).toBe(1);
    const last = JSON.parse(stderr.trimEnd().split("\n").at(-1)!) as { error: Record<string, unknown> };
    expect(last.error).toMatchObject({
      code: "USER_ERROR",
      name: "PaymentDeclined",
      message: "card ending in 1 was declined",
      frame: expect.stringContaining("shop.ts:29:9") as string,
    });
  });

  test("lists the candidates when the file has several, and exits with 2", async () => {
    const { code, stderr } = await tenonBin(["run", fixture("shop.ts")]);
    expect({ code, stderr }).toMatchInlineSnapshot(`
      {
        "code": 2,
        "stderr": "error: App "shop" has 4 Functions and no entrypoint. The command must name one.
      hint: Write one of test/fixtures/cli/shop.ts::add, test/fixtures/cli/shop.ts::echo, test/fixtures/cli/shop.ts::upTo, test/fixtures/cli/shop.ts::charge.
      ",
      }
    `);
  });
});

describe("tenon run file.ts", () => {
  test("runs the only entrypoint with its defaults", async () => {
    expect(await tenonBin(["run", fixture("greet.ts")])).toEqual({ code: 0, stdout: "hello world\n", stderr: "" });
  });

  test("gives the entrypoint its flags", async () => {
    expect((await tenonBin(["run", fixture("greet.ts"), "-n", "Ahab", "--times=2", "--loud"])).stdout).toBe("HELLO AHAB\nHELLO AHAB\n");
  });

  test("flags after the file are the entrypoint's even where Tenon has the same", async () => {
    expect((await tenonBin(["run", fixture("greet.ts"), "--json"])).stdout).toBe('{"text":"hello world"}\n');
  });

  test("--help after the file is the entrypoint's own", async () => {
    expect((await tenonBin(["run", fixture("greet.ts"), "--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: tenon run test/fixtures/cli/greet.ts [flags]

      Runs the entrypoint "main" of the App "greet" on this machine.

      Flags:
        -n, --name <string>   whom to greet (default: "world")
            --times <number>  how often (default: 1)
            --loud            in capital letters
            --json            a flag that Tenon has too
        -h, --help            show this help
      "
    `);
  });

  test("counts an input that failed as done, once", async () => {
    const { stdout, stderr } = await tenonBin(["run", fixture("failing-map.ts")]);
    expect({ stdout, stderr }).toEqual({
      stdout: "9\n",
      stderr: expect.stringMatching(/^half: 9\/9 done, 3 failed, [\d.]+\/s in [\d.]+ s\n$/),
    });
    const json = (await tenonBin(["run", "--json", fixture("failing-map.ts")])).stderr
      .split("\n")
      .find((line) => line.includes("MAP_PROGRESS"));
    expect(JSON.parse(json ?? "{}")).toMatchObject({ done: 9, failed: 3, total: 9 });
  });

  test("lets a schema check the flags", async () => {
    expect(await tenonBin(["run", fixture("schema.ts"), "--count", "21"])).toEqual({ code: 0, stdout: "42\n", stderr: "" });
    const { code, stderr } = await tenonBin(["run", fixture("schema.ts"), "--count", "many"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: The entrypoint's schema refuses its flags: --count \(given "many"\): expected a number\.\n/);
  });

  test("ends although the entrypoint left a timer behind", async () => {
    expect(await tenonBin(["run", fixture("many.ts::second")])).toEqual({ code: 0, stdout: "second ran\n", stderr: "" });
  });

  test("takes the exit code that the entrypoint set", async () => {
    expect((await tenonBin(["run", fixture("many.ts::code")])).code).toBe(7);
  });

  test.each([
    [
      "many.ts",
      2,
      /^error: App "many" has 5 entrypoints\. The command must name one\.\nhint: Write one of test\/fixtures\/cli\/many\.ts::first, /,
    ],
    ["many.ts::frist", 2, /hint: Write test\/fixtures\/cli\/many\.ts::first\./],
    ["many.ts::throws", 1, /^error: TypeError: from the entrypoint\n {2}at .*test\/fixtures\/cli\/many\.ts:12:9\)?\n/],
    ["many.ts::stray", 1, /^error: RangeError: nobody waits for me\n {2}at .*test\/fixtures\/cli\/many\.ts:16:11\)?\n/],
    ["two-apps.ts", 2, /^error: Several Apps are declared in test\/fixtures\/cli\/two-apps\.ts: "left", "right"\. /],
    ["broken.ts", 1, /^error: TypeError: at module level\n {2}at .*test\/fixtures\/cli\/broken\.ts:4:7\)?\n/],
    ["missing.ts", 2, /^error: No such file: test\/fixtures\/cli\/missing\.ts\.\n/],
  ])("%s is refused in words with exit code %i", async (file, code, words) => {
    const ended = await tenonBin(["run", fixture(file)]);
    expect(ended.stderr).toMatch(words);
    expect(ended).toMatchObject({ code, stdout: "" });
  });
});

test("a file that is no TypeScript is refused with the place", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "tenon-syntax-")), "syntax.ts");
  writeFileSync(file, 'import { App } from "tenon";\nexport const app = new App("syntax";\n');
  const { code, stderr } = await tenonBin(["run", file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*syntax\.ts:2:/);
});

describe("a run that is interrupted", () => {
  const alive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s says so, ends its containers and exits with %i", async (signal, code) => {
    const started = start(["run", fixture("patient.ts")]);
    const pid = Number((await started.seen(/asleep in (\d+)/))[1]);
    started.kill(signal);
    const ended = await started.ended;
    expect(ended).toMatchObject({ code, stderr: "stopping… (press Ctrl-C again to stop at once)\n" });
    expect(alive(pid)).toBe(false);
  });

  test("by SIGINT under --json says so in an event", async () => {
    const started = start(["run", "--json", fixture("patient.ts")]);
    await started.seen(/asleep in (\d+)/);
    started.kill("SIGINT");
    const { code, stderr } = await started.ended;
    const events = stderr.trim().split("\n").map((line) => JSON.parse(line) as unknown); // prettier-ignore
    expect(code).toBe(130);
    expect(events).toContainEqual({ event: "STOPPING", message: "stopping… (press Ctrl-C again to stop at once)" });
  });

  test("by a reader that went away ends quietly", async () => {
    const { spawnSync } = await import("node:child_process");
    const { stdout, stderr } = spawnSync("sh", ["-c", `node bin/tenon.js run ${fixture("shop.ts::upTo")} 100000 | head -n 1`], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect({ stdout, stderr }).toEqual({ stdout: "{ i: 1 }\n", stderr: "" });
  });
});

describe("a file without one App to take", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-apps-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const none = join(folder, "none.ts");
  writeFileSync(none, "export const app = 1;\n");

  test.each([[fixture("two-apps.ts")], [none]])("is refused alike by every command that reads it: %s", async (file) => {
    const ran = await tenonBin(["run", file]);
    expect(ran).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error: .* declared in .*\nhint: .*\n$/) });
    for (const line of [["deploy", "--local"], ["plan"], ["destroy", "--local", "--yes"]]) {
      const { code, stderr } = await tenonBin([...line, file]);
      expect({ line, code, words: stderr.replace(/^ {2}in .*\n/m, "") }).toEqual({ line, code: 2, words: ran.stderr });
    }
  });
});

describe("what is loaded", () => {
  test.each([["--help"], ["run --help"], ["app list --help"], ["--version"]])(
    "tenon %s loads neither esbuild nor lmdb nor the local backend",
    async (line) => {
      const { code, stderr } = await tenonBin(line.split(" "), { node: ["--import", LOAD_TRACE] });
      expect(code).toBe(0);
      expect(stderr).toContain("/dist/cli.js");
      expect(stderr).not.toMatch(/node_modules\/(esbuild|lmdb|devalue)\//);
    },
  );

  test("tenon --help loads no command's body", async () => {
    const { stderr } = await tenonBin(["--help"], { node: ["--import", LOAD_TRACE] });
    const chunks = [...stderr.matchAll(/dist\/chunks\/([a-z-]+)-[A-Z0-9]+\.js/g)].map(([, name]) => name);
    expect(chunks).toContain("program");
    expect(chunks.filter((name) => name?.endsWith("-body"))).toEqual([]);
    expect(readdirSync(join(ROOT, "dist/chunks")).filter((name) => /^[a-z-]+-body-/.test(name))).not.toEqual([]);
  });
});
