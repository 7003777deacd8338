// The time of commands that change nothing: the help, and the plan of a small App.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { measure } from "./harness.js";

await measure({
  name: "commands",
  what: "from the start of a command to its end, warm cache",
  peer: "node",
  metrics: [
    { key: "helpMs", unit: "ms", atMost: 120 },
    { key: "planMs", unit: "ms", atMost: 700 },
  ],
  sides: {
    node: async () => commands({ helpMs: ["--eval", "0"], planMs: ["--eval", "0"] }),
    tenon: async () =>
      commands({ helpMs: [path("../bin/tenon.js"), "--help"], planMs: [path("../bin/tenon.js"), "plan", path("../examples/retries.ts")] }),
  },
});

/**
 * @param {Record<string, string[]>} lines
 * @returns {import("./harness.js").Side}
 */
function commands(lines) {
  return {
    round: async () => Object.fromEntries(Object.entries(lines).map(([key, args]) => [key, command(args)])),
    close: async () => undefined,
  };
}

/** @param {string[]} args */
function command(args) {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new TypeError(`node ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return performance.now() - from;
}

/** @param {string} relative */
function path(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
