import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openState, type LocalState } from "../../src/adapters/lmdb/state.ts";
import { startProgram } from "./program.ts";

let stateDir: string;
let state: LocalState;

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), "tenon-state-"));
  state = await openState(stateDir);
});

afterEach(async () => {
  await state.close();
  rmSync(stateDir, { recursive: true, force: true });
});

describe("the local backend's rows", () => {
  test("give back what was put, bytes included", async () => {
    await state.rows.put("a", { text: "x", bytes: new Uint8Array([1, 2, 3]), none: null });
    const row = state.rows.get<{ text: string; bytes: Uint8Array; none: null }>("a");
    expect(row).toMatchObject({ text: "x", none: null });
    expect([...row!.bytes]).toEqual([1, 2, 3]);
    await state.rows.delete("a");
    expect(state.rows.get("a")).toBeUndefined();
  });

  test("are scanned by prefix, in order, from a key on, up to a limit", async () => {
    for (const key of ["t#b", "t#a", "t#c", "u#a", "t"]) await state.rows.put(key, key);
    const keys = (rows: readonly { key: string }[]) => rows.map((row) => row.key);
    expect(keys(state.rows.range("t#"))).toEqual(["t#a", "t#b", "t#c"]);
    expect(keys(state.rows.range("t#", { after: "t#a" }))).toEqual(["t#b", "t#c"]);
    expect(keys(state.rows.range("t#", { limit: 2 }))).toEqual(["t#a", "t#b"]);
    expect(keys(state.rows.range("v#"))).toEqual([]);
  });

  test("hold 20 MiB of bytes in one row", async () => {
    await state.rows.put("big", { bytes: new Uint8Array(20 << 20).fill(7) });
    const { bytes } = state.rows.get<{ bytes: Uint8Array }>("big")!;
    expect(bytes.byteLength).toBe(20 << 20);
    expect(bytes[12_345_678]).toBe(7);
  });

  test("are one environment for everyone in a process, open until the last has closed it", async () => {
    const second = await openState(stateDir);
    await second.rows.put("shared", 1);
    await second.close();
    expect(state.rows.get("shared")).toBe(1);
  });

  test("let exactly one of several racing processes take a row", async () => {
    const racers = await Promise.all([1, 2, 3].map(() => startProgram("state-racer.ts", [stateDir])));
    try {
      await Promise.all(racers.map((racer) => racer.message("ready")));
      for (const racer of racers) racer.send("go");
      const wins = await Promise.all(racers.map((racer) => racer.message<{ won: number[] }>("won")));
      const all = wins.flatMap((win) => win.won);
      expect(all).toHaveLength(200);
      expect(new Set(all).size).toBe(200);
    } finally {
      await Promise.all(racers.map((racer) => racer.kill()));
    }
  });

  test("count every increment of processes that are killed while they write, and stay open to the rest", async () => {
    for (let round = 0; round < 5; round++) {
      const writer = await startProgram("state-writer.ts", [stateDir]);
      await writer.message("writing");
      await writer.kill();
    }
    const { count, copy } = state.rows.get<{ count: number; copy: number }>("counter")!;
    expect(count).toBeGreaterThan(0);
    expect(copy).toBe(count);
    expect(state.rows.get("counter-copy")).toBe(count);
    await state.rows.transact((rows) => rows.put("counter", { count: 0, copy: 0 }));
    expect(state.rows.get("counter")).toEqual({ count: 0, copy: 0 });
  });
});
