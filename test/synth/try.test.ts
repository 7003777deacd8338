import fc from "fast-check";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lint } from "../helpers/cfn-lint.ts";
import { generatedApp } from "./generated-apps.ts";
import { appTemplate, newFolder } from "./template.ts";
it("x", { timeout: 600_000 }, () => {
  const n = Number(process.env["N"] ?? 10);
  const folder = newFolder();
  const t0 = Date.now();
  const files = fc.sample(generatedApp, { numRuns: n, seed: Number(process.env["SEED"] ?? 1) }).map(({ manifest, options }, i) => {
    const file = join(folder, `${i}.template.json`);
    writeFileSync(file, JSON.stringify(appTemplate(manifest, options)));
    return file;
  });
  console.log("synth", Date.now() - t0);
  const found = lint(files);
  console.log("lint", Date.now() - t0);
  const by = new Map<string, any>();
  for (const f of found) by.set(f.rule + f.message.slice(0, 60), f);
  console.log(JSON.stringify([...by.values()], null, 1));
  expect(1).toBe(1);
});
