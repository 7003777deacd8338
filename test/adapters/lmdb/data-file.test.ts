import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, realpathSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openObjects, openState } from "../../../src/adapters/lmdb/state.ts";
import { ExecutionError } from "../../../src/model/errors.ts";

let stateDir: string;

beforeEach(() => {
  stateDir = realpathSync(mkdtempSync(join(tmpdir(), "tenon-data-file-")));
});

afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

const KINDS = [
  ["state", openState],
  ["objects", openObjects],
] as const;

describe.each(KINDS)("a file of rows in %s", (name, open) => {
  const fileOf = (): string => join(stateDir, name, "data.mdb");

  async function fill(): Promise<void> {
    const { rows, close } = await open(stateDir);
    for (let i = 0; i < 20; i++) await rows.put(`k${i}`, Buffer.alloc(9_000, i));
    await close();
  }

  test.each<readonly [string, (file: string) => void, RegExp]>([
    ["of other bytes", (file) => writeFileSync(file, randomBytes(65_536)), /does not begin as a database/],
    ["of a few bytes", (file) => writeFileSync(file, "x"), /does not begin as a database/],
    ["cut off in its second page", (file) => truncateSync(file, 5_000), /it has 5000 bytes of \d+\.$|its second page/],
    ["cut off after its second page", (file) => truncateSync(file, 8_192), /it has 8192 bytes of \d+\.$/],
    ["that lacks its last pages", (file) => truncateSync(file, statSync(file).size - 16_384), /it has \d+ bytes of \d+\.$/],
  ])("is refused by name when it is one %s", async (_, damage, message) => {
    await fill();
    damage(fileOf());
    const opening = open(stateDir);
    await expect(opening).rejects.toThrow(ExecutionError);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toMatchObject({
      message: expect.stringContaining(`The file ${JSON.stringify(fileOf())} is damaged: `),
      hint: `Delete the folder ${JSON.stringify(join(stateDir, name))} to begin with an empty one, or restore it from a backup.`,
    });
  });

  test("opens anew when it is empty, as another process leaves it for a moment", async () => {
    await fill();
    truncateSync(fileOf());
    const { rows, close } = await open(stateDir);
    expect(rows.range("k")).toEqual([]);
    await close();
  });

  test("opens when nothing uses the last pages and they were never written", async () => {
    const first = await open(stateDir);
    await first.rows.transact((tx) => {
      for (let i = 0; i < 3_000; i++) tx.put(`k${i}`, Buffer.alloc(1_500, 1));
      tx.put("kept", Buffer.alloc(20_000, 7));
    });
    await first.rows.transact((tx) => {
      for (let i = 0; i < 800; i++) if (i % 8 < 4) tx.delete(`k${i}`);
    });
    for (let i = 0; i < 2; i++) await first.rows.put("a", Buffer.alloc(10));
    await first.rows.transact((tx) => {
      tx.put("big", Buffer.alloc(4_000_000));
      tx.delete("big");
    });
    await first.close();
    const bytes = readFileSync(fileOf());
    const pageSize = bytes.readUInt32LE(48);
    const lastPages = [0, pageSize].map((page) => Number(bytes.readBigUInt64LE(page + 144)));
    expect(bytes.byteLength).toBeLessThan((Math.max(...lastPages) + 1) * pageSize);
    const { rows, close } = await open(stateDir);
    expect(rows.range("k")).toHaveLength(2_601);
    await close();
  });
});
