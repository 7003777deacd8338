import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "../sdk/app.ts";
import type { LogRecord } from "../wire/log-record.ts";

/** An App that runs for a test. */
export interface TestRun extends AsyncDisposable {
  /** Every line that its containers have written so far. */
  readonly logs: readonly LogRecord[];
  /** Ends the App and removes its state. */
  close(): Promise<void>;
}

/**
 * Runs an App on the local backend with a state of its own, which goes away with it: tests share neither calls nor
 * deployments. Works in every test runner.
 *
 * Rejects as `app.run()` does.
 *
 * @example
 * import assert from "node:assert/strict";
 * import test from "node:test";
 * import { runForTest } from "tenon/testing";
 * import { app, count } from "./wordcount.ts";
 *
 * test("words are counted", async () => {
 *   const run = await runForTest(app);
 *   assert.equal(await count.remote("to be or not to be"), 6);
 *   await run.close();
 * });
 */
export async function runForTest(app: App): Promise<TestRun> {
  const logs: LogRecord[] = [];
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-test-"));
  const remove = (): void => rmSync(stateDir, { recursive: true, force: true });
  const run = await app
    .run({
      stateDir,
      onEvent: (event) => {
        if (event.code === "LOG") logs.push(event.record);
      },
    })
    .catch((error: unknown) => {
      remove();
      throw error;
    });
  const close = (): Promise<void> => run.close().finally(remove);
  return { logs, close, [Symbol.asyncDispose]: close };
}
