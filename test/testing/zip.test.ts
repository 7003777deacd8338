import { unzipSync } from "fflate";
import { expect, test, vi } from "vitest";
import { zip } from "../../src/testing/zip.ts";

const files = { "index.mjs": "export const a = 1;\n", "data/größe.bin": Uint8Array.of(0, 1, 255), "node_modules/a/b.js": "" };

test("a zip holds files at their paths, byte for byte", () => {
  const found = unzipSync(zip(files));
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(files).toSorted());
  expect(Buffer.from(found["index.mjs"] ?? []).toString()).toBe("export const a = 1;\n");
  expect([...(found["data/größe.bin"] ?? [])]).toEqual([0, 1, 255]);
});

test("a zip of the same files is the same bytes at any time, readable for everybody", () => {
  const first = zip(files);
  vi.useFakeTimers({ now: Date.UTC(2040, 5, 1) });
  try {
    expect(Buffer.from(zip(files)).equals(Buffer.from(first))).toBe(true);
  } finally {
    vi.useRealTimers();
  }
  const directory = Buffer.from(first).indexOf("PK\x01\x02");
  expect(Buffer.from(first).readUInt32LE(directory + 38) >>> 16).toBe(0o100644);
});

test("a file in a zip has the mode that it says", () => {
  const archive = Buffer.from(zip({ run: { data: "#!/bin/sh\n", mode: 0o755 } }));
  expect(archive.readUInt32LE(archive.indexOf("PK\x01\x02") + 38) >>> 16).toBe(0o100755);
});
