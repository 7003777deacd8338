import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { LOAD_TRACE } from "../helpers/load-trace.ts";

let stateDir: string;
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tenon-loaded-"));
});
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

/** The modules that `tenon run` and the container it starts load, by URL. */
function loadedByRun(): { readonly urls: readonly string[]; readonly stdout: string } {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", LOAD_TRACE, "bin/tenon.js", "run", "test/fixtures/traced-app.ts", "1", "2"],
    {
      encoding: "utf8",
      env: { ...process.env, TENON_STATE_DIR: stateDir },
    },
  );
  return { urls: [...stderr.matchAll(/^load (\S+)$/gm)].map(([, url]) => url as string), stdout };
}

it("a run on the local backend loads nothing of AWS, no database, and no bundler once it is warm", () => {
  loadedByRun();
  const { urls, stdout } = loadedByRun();
  expect(stdout).toBe("3\n");
  // Both processes are seen: the command and the container.
  expect(urls.some((url) => url.endsWith("/dist/cli.js"))).toBe(true);
  expect(urls.some((url) => url.endsWith("/dist/worker.js"))).toBe(true);
  expect(
    urls.filter((url) =>
      /@aws-sdk|@smithy|aws-cdk|constructs|oxc-parser|magic-string|get-tsconfig|fflate|\/(lmdb|esbuild|msgpackr)\//.test(url),
    ),
  ).toEqual([]);
});
