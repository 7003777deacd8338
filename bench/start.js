// From starting a command to its first result on the terminal, against miniflare's first response.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { measure } from "./harness.js";

await measure({
  name: "start",
  what: "from the start of the command to its first result, warm cache",
  peer: "miniflare",
  metrics: [
    { key: "firstMs", unit: "ms", ratioAtMost: 1.5 },
    { key: "endMs", unit: "ms" },
  ],
  sides: {
    miniflare: async () => command([path("peers/miniflare-first.js")]),
    tenon: async () => command([path("../bin/tenon.js"), "run", path("apps/start.ts")]),
    node: async () => command(["--eval", "console.log('first')"]),
  },
});

/**
 * @param {string[]} args
 * @returns {import("./harness.js").Side}
 */
function command(args) {
  return {
    async round() {
      const from = performance.now();
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
      const ended = once(child, "close");
      let firstMs = Number.NaN;
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
        if (Number.isNaN(firstMs) && /^first/m.test(text)) firstMs = performance.now() - from;
      });
      child.stderr.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      const [code] = await ended;
      if (code !== 0 || Number.isNaN(firstMs)) throw new TypeError(`node ${args.join(" ")} ended with ${code}:\n${text}`);
      return { firstMs, endMs: performance.now() - from };
    },
    close: async () => undefined,
  };
}

/** @param {string} relative */
function path(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
