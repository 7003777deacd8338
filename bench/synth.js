// Bundle and synth of 50 Functions without a cache, against 50 of the CDK's own `NodejsFunction`.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "./harness.js";

await measure({
  name: "synth",
  what: "bundle and synth, no cache, as a command",
  peer: "NodejsFunction",
  metrics: [
    { key: "of50Ms", unit: "ms", ratioAtMost: 0.05 },
    { key: "of100Ms", unit: "ms", atMost: 1_200 },
  ],
  sides: {
    NodejsFunction: async () => inFolders((folder) => ({ of50Ms: command([path("peers/nodejs-functions.js"), "50", folder], {}) })),
    tenon: async () => inFolders((folder) => ({ of50Ms: synth(folder, 50), of100Ms: synth(folder, 100) })),
  },
});

/**
 * Gives each round a folder of its own.
 *
 * @param {(folder: string) => Record<string, number>} round
 * @returns {import("./harness.js").Side}
 */
function inFolders(round) {
  return {
    async round() {
      mkdirSync(path("out"), { recursive: true });
      const folder = mkdtempSync(path("out/synth-"));
      try {
        return round(folder);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    close: async () => undefined,
  };
}

/**
 * @param {string} folder
 * @param {number} count
 */
function synth(folder, count) {
  const file = join(folder, `app-${count}.ts`);
  const functions = Array.from(
    { length: count },
    (_, i) => `export const f${i} = app.function("f${i}", {}, async (n: number) => n + ${i});`,
  );
  writeFileSync(file, ['import { App } from "tenon";', 'export const app = new App("many");', ...functions, ""].join("\n"));
  return command([path("../bin/tenon.js"), "synth", file, "--output", join(folder, `out-${count}`)], {
    TENON_STATE_DIR: join(folder, `state-${count}`),
  });
}

/**
 * Milliseconds of a command.
 *
 * @param {string[]} args
 * @param {Record<string, string>} env
 */
function command(args, env) {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: path(".."), env: { ...process.env, ...env } });
  if (status !== 0) throw new TypeError(`node ${args.join(" ")} ended with ${status}:\n${stderr}`);
  return performance.now() - from;
}

/** @param {string} relative */
function path(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}
