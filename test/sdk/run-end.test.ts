import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { start, tenonBin } from "../cli/bin.ts";

const APP = "test/fixtures/run-ends-app.ts";
const stateDir = mkdtempSync(join(tmpdir(), "tenon-run-end-"));
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

/** Runs a script that runs its App itself. */
async function script(...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await promisify(execFile)(process.execPath, ["test/fixtures/run-ends-script.mjs", ...args], {
    env: { ...process.env, TENON_STATE_DIR: stateDir, TENON_ENVIRONMENT: "", NO_COLOR: "1" },
  });
}

describe("spawned calls that a run ends before", () => {
  it("are told by the command, with what keeps them", async () => {
    const { code, stdout, stderr } = await tenonBin(["run", `${APP}::leave`]);
    const [first, second] = stdout.split("\n").filter((line) => line.startsWith("fc-"));
    expect(code).toBe(0);
    expect(stderr).toContain('warning: The run of App "run-ends" has ended and cancelled 2 spawned calls that had no outcome: ');
    expect(stderr).toContain(`${first} (wait)`);
    expect(stderr).toContain(`${second} (wait)`);
    expect(stderr).toContain("hint: Wait for spawned calls by get() before the run ends, or deploy the App");
  });

  it("are an event where events are heard, and a warning of the process where they are not", async () => {
    const heard = await script("--listen");
    const [call, event = ""] = heard.stdout.trim().split("\n");
    expect(JSON.parse(event)).toEqual({ code: "CALLS_DROPPED", app: "run-ends-script", count: 1, calls: [{ call, fn: "wait" }] });
    expect(heard.stderr).toBe("");
    const alone = await script();
    expect(alone.stderr).toMatch(/\[TENON_CALLS_DROPPED\].*has ended and cancelled a spawned call that had no outcome: fc-/);
  });

  it("are none when their outcomes were waited for", async () => {
    expect(await tenonBin(["run", `${APP}::stay`])).toEqual({ code: 0, stdout: "waiting 1\n1\n", stderr: "" });
  });
});

describe("Ctrl-C", () => {
  it("ends a map that returns exceptions before its loop goes on with fewer results", async () => {
    const run = start(["run", `${APP}::sum`]);
    await run.seen(/waiting 60000/);
    run.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(stdout).not.toContain("the sum is");
  });
});
