import { appendFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { logFile, openLogWriter, readLog } from "../../src/local/state/log-file.ts";
import type { LogQuery } from "../../src/ports/apps.ts";
import type { LogRecord } from "../../src/wire/log-record.ts";
import { until } from "./until.ts";

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tenon-logs-"));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const line = (text: string, fn = "add"): LogRecord => ({ t: 1, stream: "stdout", text, app: "shop", fn, container: "ta-1", version: "1" });
const file = () => logFile(stateDir, "dev", "shop");
const texts = async (query?: LogQuery): Promise<readonly string[]> => {
  const all: string[] = [];
  for await (const record of readLog(file(), query)) all.push(record.text);
  return all;
};

describe("a deployed App's log", () => {
  test("gives the newest lines, oldest of them first, and those of one Function", async () => {
    const log = openLogWriter(stateDir, "dev", "shop");
    for (let n = 0; n < 300; n++) log.write(line(`line ${n}`, n % 2 === 0 ? "add" : "sub"));
    log.close();
    expect(await texts()).toEqual(Array.from({ length: 100 }, (_, n) => `line ${n + 200}`));
    expect(await texts({ tail: 2 })).toEqual(["line 298", "line 299"]);
    expect(await texts({ tail: 2, fn: "add" })).toEqual(["line 296", "line 298"]);
    expect(await texts({ tail: 0 })).toEqual([]);
  });

  test("is put aside when it is large, and read over both files", async () => {
    const log = openLogWriter(stateDir, "dev", "shop", 1_000);
    for (let n = 0; n < 12; n++) {
      log.write(line(`line ${n}`));
      await new Promise((resolve) => setImmediate(resolve));
    }
    log.close();
    expect(existsSync(`${file()}.1`)).toBe(true);
    const all = await texts();
    expect(all.at(-1)).toBe("line 11");
    expect(all).toEqual(Array.from({ length: all.length }, (_, n) => `line ${n + 12 - all.length}`));
    expect(all.length).toBeGreaterThan(6);
  });

  test("is followed line by line, over a rotation and a line that is not whole yet", async () => {
    const log = openLogWriter(stateDir, "dev", "shop", 400);
    log.write(line("before"));
    await new Promise((resolve) => setImmediate(resolve));
    const controller = new AbortController();
    const seen: string[] = [];
    const following = (async () => {
      for await (const record of readLog(file(), { tail: 1, follow: true, signal: controller.signal })) seen.push(record.text);
    })();
    await until(() => seen.length === 1);
    for (let n = 0; n < 6; n++) {
      log.write(line(`new ${n}`));
      await until(() => seen.length === n + 2);
    }
    log.close();
    const half = JSON.stringify(line("in two parts"));
    appendFileSync(file(), half.slice(0, 30));
    appendFileSync(file(), `${half.slice(30)}\n`);
    await until(() => seen.length === 8);
    controller.abort();
    await following;
    expect(seen).toEqual(["before", "new 0", "new 1", "new 2", "new 3", "new 4", "new 5", "in two parts"]);
  });

  test("has no lines before the App has written one", async () => {
    expect(await texts()).toEqual([]);
  });
});
