import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test, vi } from "vitest";
import { createWatchdog } from "../../src/runtime/lambda/watchdog.ts";

test("a watchdog thread that has died is started again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tenon-watchdog-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const lines = join(folder, "lines");
  const file = join(folder, "thread.mjs");
  // Ends the process's thread on "disarm"; notes everything else.
  await writeFile(
    file,
    `import { appendFileSync } from "node:fs";
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ type, words }) => {
      if (type === "disarm") throw new RangeError("gone");
      appendFileSync(${JSON.stringify(lines)}, words.message.body + " ");
    });`,
  );
  const noted = (): Promise<string> => readFile(lines, "utf8").catch(() => "");
  const watchdog = createWatchdog(pathToFileURL(file));
  watchdog.arm(Date.now() + 60_000, { message: { queueUrl: "", body: "first" } });
  await vi.waitFor(async () => expect(await noted()).toBe("first "), { timeout: 10_000 });
  watchdog.disarm();
  await vi.waitFor(
    async () => {
      watchdog.arm(Date.now() + 60_000, { message: { queueUrl: "", body: "second" } });
      expect(await noted()).toContain("second");
    },
    { timeout: 10_000 },
  );
  // Its thread ends with it.
  watchdog.disarm();
});
