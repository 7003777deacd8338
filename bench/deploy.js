// `tenon deploy` of 20 Functions to the emulated account, from the source, against `cdk deploy` of the finished assembly.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openAccount } from "./account.js";
import { measure } from "./harness.js";

const FUNCTIONS = 20;

const account = await openAccount();
try {
  const folder = fileURLToPath(new URL("out/deploy/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "app.ts");
  const functions = Array.from(
    { length: FUNCTIONS },
    (_, i) => `export const f${i} = app.function("f${i}", {}, async (n: number) => n + ${i});`,
  );
  writeFileSync(file, ['import { App } from "tenon";', 'export const app = new App("twenty");', ...functions, ""].join("\n"));
  const assembly = join(account.folder, "assembly");
  account.tenon(["synth", file, "--output", assembly]);
  const cdk = ["deploy", "--require-approval", "never", "--app", assembly];
  const tenon = ["deploy", file];
  await measure({
    name: "deploy",
    what: `${FUNCTIONS} Functions to the emulated account, as a command, then again without a change`,
    peer: "cdk",
    metrics: [
      { key: "firstMs", unit: "ms", ratioAtMost: 1 },
      { key: "againMs", unit: "ms", ratioAtMost: 0.3 },
    ],
    sides: {
      cdk: async () => side(() => account.cdk(cdk)),
      tenon: async () => side(() => account.tenon(tenon)),
    },
  });
} finally {
  await account.close();
}

/**
 * Deploys an App that is not there, deploys it again, and destroys it.
 *
 * @param {() => number} deploy
 * @returns {import("./harness.js").Side}
 */
function side(deploy) {
  return {
    async round() {
      const figures = { firstMs: deploy(), againMs: deploy() };
      account.tenon(["destroy", "--yes", "twenty"]);
      return figures;
    },
    close: async () => undefined,
  };
}
