import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContractBackend, testCalls, testDict, testFunctions } from "tenon/testing";
import { describe, it } from "vitest";
import "tenon";
import { deployLocal } from "../../src/local/deploy/deploy.ts";
import { registry } from "../../src/context/registry.ts";

/** The contract's App, deployed on this machine and called through its host's socket. */
async function createDeployed(): Promise<ContractBackend> {
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-contract-"));
  const entryFile = join(import.meta.dirname, "../../dist/testing/contract-app.js");
  const { app } = await deployLocal({ entryFile, stateDir });
  // The built package's backend, whose error classes the suites compare with.
  const backend = await registry().backends!.connectLocal({ stateDir });
  return {
    backend,
    async close() {
      await backend.apps.stop(app);
      await backend.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

testFunctions({ describe, it, name: "deployed on this machine", create: createDeployed });
testCalls({ describe, it, name: "deployed on this machine", create: createDeployed });
testDict({ describe, it, name: "deployed on this machine", create: createDeployed });
