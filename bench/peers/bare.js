import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { framed } from "./framed.js";

/**
 * Calls in a spawned child over a framed pipe, with nothing else of a pool: no queue, no errors, no limits.
 *
 * @returns {{ call(value: unknown): Promise<unknown>, close(): Promise<void> }}
 */
export function openBare() {
  const child = spawn(process.execPath, [fileURLToPath(new URL("bare-child.js", import.meta.url))], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  /** @type {Map<number, (value: unknown) => void>} */
  const pending = new Map();
  let lastId = 0;
  const link = framed(/** @type {import("node:net").Socket} */ (child.stdio[3]), (text) => {
    const reply = JSON.parse(text);
    const settle = pending.get(reply.id);
    pending.delete(reply.id);
    settle?.(reply.value);
  });
  return {
    call(value) {
      return new Promise((resolve) => {
        const id = ++lastId;
        pending.set(id, resolve);
        link.send(JSON.stringify({ id, args: [value] }));
      });
    },
    close() {
      return new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill();
      });
    },
  };
}
