import { InvalidError } from "../model/errors.ts";
import type { App } from "../sdk/app.ts";
import { registry } from "../sdk/registry.ts";
import { importBundle } from "../util/import-bundle.ts";
import type { ContainerInit } from "./container-init.ts";

/**
 * Imports the bundle and gives the App it declares.
 *
 * A script that runs its own App at module level stops there: what it has declared until then is the App.
 */
export async function loadApp(init: ContainerInit): Promise<App> {
  const host = registry();
  host.loading = true;
  const parked = new Promise<void>((resolve) => {
    host.onParked = resolve;
  });
  await Promise.race([importBundle(init.bundle), parked]);
  host.loading = false;
  const app = host.apps.find((declared) => declared.name === init.app);
  if (app === undefined) throw new InvalidError(`the module declares no App "${init.app}"; it declares ${host.apps.map((declared) => `"${declared.name}"`).join(", ") || "none"}`, { hint: "declare the App at module level" });
  return app;
}
