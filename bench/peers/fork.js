import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/**
 * A bare `fork` of this node that sends back what it gets.
 *
 * @param {import("node:child_process").SerializationType} serialization
 * @returns {{ pid: number, call(value: unknown): Promise<unknown>, close(): Promise<void> }}
 */
export function openFork(serialization) {
  const child = fork(fileURLToPath(new URL("fork-child.js", import.meta.url)), { serialization });
  return {
    pid: child.pid ?? 0,
    async call(value) {
      const reply = once(child, "message");
      child.send(/** @type {import("node:child_process").Serializable} */ (value));
      return (await reply)[0];
    },
    async close() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}
