import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";

const stateDir = mkdtempSync(join(tmpdir(), "tenon-plain-errors-"));
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

it("errors are of their classes in a web server that loads the App's module as it is", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["test/fixtures/plain-errors/server.mjs"], {
    env: { ...process.env, TENON_STATE_DIR: stateDir },
  });
  const [found, late] = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(found).toEqual({ declined: true, cents: 25_000, class: "PaymentDeclined" });
  // Its module is not loaded in the server, so there is no class that it could be of.
  expect(late).toEqual({ declined: false, class: "RemoteError", remoteClass: "TooLate" });
});
