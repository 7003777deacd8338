import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openOwnerRecord, reap, runningApps } from "../../src/local/workers/owner-record.ts";
import { isAlive, ownKey, pidOf, processKey } from "../../src/util/processes.ts";
import { startProgram } from "./program.ts";
import { until } from "./until.ts";

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tenon-reap-"));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

describe("a process key", () => {
  test("names a living process, and only while it lives", async () => {
    const program = await startProgram("sleeper.ts");
    const key = processKey(program.pid)!;
    expect(pidOf(key)).toBe(program.pid);
    expect(isAlive(key)).toBe(true);
    await program.kill();
    expect(isAlive(key)).toBe(false);
  });

  test("of this process is alive; the same pid with another start is not", () => {
    expect(isAlive(ownKey())).toBe(true);
    expect(isAlive(`${process.pid}-1`)).toBe(false);
    expect(isAlive("nonsense")).toBe(false);
    expect(isAlive("-1-5")).toBe(false);
  });
});

describe("the Apps that run", () => {
  const shop = { app: "shop", environment: "dev", version: "v1", startedAtMs: 7, functions: ["add"] };

  test("are those of living processes, as long as their records are open", () => {
    const record = openOwnerRecord(stateDir, shop);
    openOwnerRecord(stateDir).close();
    expect(runningApps(stateDir)).toEqual([shop]);
    record.close();
    expect(runningApps(stateDir)).toEqual([]);
  });

  test("are not those of a dead process", () => {
    mkdirSync(join(stateDir, "run"));
    writeFileSync(join(stateDir, "run", `${process.pid}-1.1.jsonl`), `${JSON.stringify({ running: shop })}\n`);
    expect(runningApps(stateDir)).toEqual([]);
  });
});

describe("reap", () => {
  test("kills the workers of an owner that was killed, with their whole group, and removes its record", async () => {
    const owner = await startProgram("owner.ts", [stateDir]);
    const { worker, child } = await owner.message<{ worker: number; child: number }>("started");
    const [workerKey, childKey] = [processKey(worker)!, processKey(child)!];
    await owner.kill();
    expect([isAlive(workerKey), isAlive(childKey)]).toEqual([true, true]);

    const report = reap(stateDir);

    expect(report.workers).toEqual([workerKey]);
    expect(report.owners).toHaveLength(1);
    await until(() => !isAlive(workerKey) && !isAlive(childKey));
    expect(readdirSync(join(stateDir, "run"))).toEqual([]);
  });

  test("leaves the workers of a living owner alone", async () => {
    const owner = await startProgram("owner.ts", [stateDir]);
    const { worker } = await owner.message<{ worker: number }>("started");
    const workerKey = processKey(worker)!;

    expect(reap(stateDir)).toEqual({ owners: [], workers: [] });

    expect(isAlive(workerKey)).toBe(true);
    await owner.kill();
    reap(stateDir);
    await until(() => !isAlive(workerKey));
  });

  test("never kills a process that got a recorded pid later", async () => {
    const innocent = await startProgram("sleeper.ts", [], { detached: true });
    mkdirSync(join(stateDir, "run"));
    writeFileSync(join(stateDir, "run", "1-1.1.jsonl"), `${JSON.stringify({ started: `${innocent.pid}-1` })}\n{"started":"${innocent.pid}`);

    expect(reap(stateDir)).toEqual({ owners: ["1-1"], workers: [] });

    expect(processKey(innocent.pid)).not.toBeNull();
    await innocent.kill();
  });

  test("finds nothing where nothing ever ran", () => {
    expect(reap(join(stateDir, "missing"))).toEqual({ owners: [], workers: [] });
  });
});

describe("an owner's record", () => {
  test("lists workers line by line and is gone when closed", () => {
    const record = openOwnerRecord(stateDir);
    const file = join(stateDir, "run", readdirSync(join(stateDir, "run"))[0]!);
    record.addWorker(process.pid);
    expect(readFileSync(file, "utf8")).toBe(`${JSON.stringify({ started: ownKey() })}\n`);
    record.removeWorker(process.pid);
    expect(readFileSync(file, "utf8").trim().split("\n")).toHaveLength(2);
    record.close();
    expect(readdirSync(join(stateDir, "run"))).toEqual([]);
  });
});
