import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isLiving, workerPidsOf } from "../helpers/workers.ts";

let stateDir: string;
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tenon-interruptions-"));
});
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

const APP = "test/fixtures/interrupted-app.ts";

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown[]>;
  /** Resolves with everything printed so far, once it holds the text. */
  printed(text: string): Promise<string>;
}

function tenon(...args: string[]): Running {
  const child = spawn(process.execPath, ["bin/tenon.js", "run", ...args], {
    env: { ...process.env, TENON_STATE_DIR: stateDir, NO_COLOR: "1" },
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stderr.on("data", (chunk) => (output += String(chunk)));
  const exited = once(child, "exit");
  return {
    child,
    exited,
    async printed(text) {
      for (let tries = 0; !output.includes(text); tries++) {
        if (tries > 400 || child.exitCode !== null) throw new TypeError(`"${text}" was not printed, but: ${output}`);
        await pause(50);
      }
      return output;
    },
  };
}

/** The processes that a body of the App has said it is, or has started. */
async function pidsOf(run: Running): Promise<number[]> {
  const output = await run.printed("child ");
  return [...output.matchAll(/^(?:worker|child) (\d+)$/gm)].map((found) => Number(found[1]));
}

async function areGone(pids: readonly number[]): Promise<boolean> {
  for (let tries = 0; tries < 100; tries++) {
    if (!pids.some(isLiving)) return true;
    await pause(50);
  }
  return false;
}

describe("Ctrl-C", () => {
  it("cancels what runs, ends every process and leaves no record", async () => {
    const run = tenon(`${APP}::wait`);
    const pids = await pidsOf(run);
    expect(pids).toHaveLength(2);
    expect(pids.every(isLiving)).toBe(true);
    run.child.kill("SIGINT");
    expect(await run.exited).toEqual([130, null]);
    expect(await areGone(pids)).toBe(true);
    expect(readdirSync(join(stateDir, "run")).filter((name) => name.endsWith(".jsonl"))).toEqual([]);
  });

  it("ends a body that blocks its process as well", async () => {
    const run = tenon(`${APP}::spin`);
    const pids = await pidsOf(run);
    run.child.kill("SIGINT");
    expect(await run.exited).toEqual([130, null]);
    expect(await areGone(pids)).toBe(true);
  });
});

describe("kill -9 of the command", () => {
  it("ends its containers and what they have started", async () => {
    const run = tenon(`${APP}::wait`);
    const pids = await pidsOf(run);
    run.child.kill("SIGKILL");
    await run.exited;
    expect(await areGone(pids)).toBe(true);
  });

  it("leaves a blocked container to the next start, which ends it", async () => {
    const run = tenon(`${APP}::spin`);
    const pids = await pidsOf(run);
    run.child.kill("SIGKILL");
    await run.exited;
    const next = tenon(`${APP}::quick`);
    expect(await next.exited).toEqual([0, null]);
    expect(await areGone(pids)).toBe(true);
    expect(readdirSync(join(stateDir, "run")).filter((name) => name.endsWith(".jsonl"))).toEqual([]);
  });
});

describe("two commands at once", () => {
  it("do not disturb each other, and are listed while they run", async () => {
    const first = tenon(`${APP}::wait`);
    const pids = await pidsOf(first);
    const second = tenon(`${APP}::quick`);
    expect(await second.exited).toEqual([0, null]);
    expect(pids.every(isLiving)).toBe(true);
    const list = spawnSync(process.execPath, ["bin/tenon.js", "app", "list", "--local", "--json"], {
      encoding: "utf8",
      env: { ...process.env, TENON_STATE_DIR: stateDir },
    });
    expect(JSON.parse(list.stdout)).toMatchObject({ name: "interrupted", state: "running", functions: ["wait", "spin", "quick"] });
    expect(workerPidsOf(first.child.pid ?? 0).length).toBeGreaterThan(0);
    first.child.kill("SIGINT");
    expect(await first.exited).toEqual([130, null]);
    expect(await areGone(pids)).toBe(true);
  });
});
