import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InternalFailure } from "../model/errors.ts";
import { registry } from "../context/registry.ts";
import type { App } from "../sdk/app.ts";
import { tenonDir } from "../util/package-dir.ts";
import { CONTRACT_APP, type ContractBackend } from "./contract.ts";

/** Brings up the local backend with the contract's App, as `app.run()` does for any App. */
export async function createLocalContractBackend(): Promise<ContractBackend> {
  const file = pathToFileURL(join(tenonDir(), "dist/testing/contract-app.js")).href;
  const { contractApp } = (await import(file)) as { readonly contractApp: App };
  const run = await contractApp.run();
  const backend = registry().runs.get(CONTRACT_APP);
  if (backend === undefined) throw new InternalFailure(`App "${CONTRACT_APP}" runs but is not registered.`);
  return { backend, close: () => run.close() };
}
