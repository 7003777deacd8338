import { describe, it, vi } from "vitest";
import { registry } from "../../src/context/registry.ts";
import { CONTRACT_APP } from "../../src/testing/contract.ts";
import { testCalls } from "../../src/testing/calls-contract.ts";
import { testFunctions } from "../../src/testing/functions-contract.ts";
import { contractApp } from "../../src/testing/contract-app.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";

// The App asks which input it works on: it must be the one of this source, not of the package that is built.
vi.mock("tenon", () => import("../../src/index.ts"));

async function create() {
  const backend = createMemoryBackend([{ manifest: contractApp.toManifest(), functions: contractApp.functions }]);
  const known = registry();
  known.runs.set(CONTRACT_APP, backend);
  known.role = "container";
  return {
    backend,
    async close() {
      known.runs.delete(CONTRACT_APP);
      known.role = "local";
      await backend.close();
    },
  };
}

const ONE_PROCESS = [
  "a body that blocks past its timeoutMs is timed out",
  "a body that ends its process fails with the exit code",
  "an unhandled rejection fails the input it belongs to",
  "a container killed from outside is a lost attempt",
  "a container with singleUseContainers serves one input",
];
testFunctions({ describe, it, name: "memory", create, skip: [{ reason: "bodies run in the process of the test", tests: ONE_PROCESS }] });
testCalls({
  describe,
  it,
  name: "memory",
  create,
  skip: [{ reason: "bodies run in the process of the test", tests: ["a call that always loses its container ends as InternalFailure"] }],
});
