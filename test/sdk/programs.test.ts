import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const stateDir = mkdtempSync(join(tmpdir(), "tenon-programs-"));
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

/** What a program prints that loads its App's module as it is: a JSON value on each line. */
async function linesOf(program: string): Promise<readonly unknown[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join("test/fixtures", program)], {
    env: { ...process.env, TENON_STATE_DIR: stateDir },
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

it("errors are of their classes in a web server", async () => {
  const [found, late] = await linesOf("plain-errors/server.mjs");
  expect(found).toEqual({ declined: true, cents: 25_000, class: "PaymentDeclined" });
  // Its module is not loaded in the server, so there is no class that it could be of.
  expect(late).toEqual({ declined: false, class: "RemoteError", remoteClass: "TooLate" });
});

it("bytes own their memory in containers and in callers", async () => {
  expect(await linesOf("own-memory.mjs")).toEqual([{ arguments: true, result: true, spawned: true, apart: true, items: true }]);
});
