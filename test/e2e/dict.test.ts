import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import "tenon";
import { testDictsInContainers } from "./dict-suite.ts";

const { Client } = await import("tenon");
const dictApp = await import("../fixtures/dict-app.ts");

testDictsInContainers({
  where: "this machine",
  describe,
  async open() {
    const stateDir = mkdtempSync(join(tmpdir(), "tenon-dict-"));
    const run = await dictApp.app.run({ stateDir });
    return {
      fn: (name) => dictApp[name] as never,
      another: () => new Client({ backend: "local", stateDir }),
      async close() {
        await run.close();
        rmSync(stateDir, { recursive: true, force: true });
      },
    };
  },
});
