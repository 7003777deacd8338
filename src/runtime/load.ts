import { InvalidError } from "../model/errors.ts";
import type { DeclaredApp } from "../context/declared-app.ts";
import { registry } from "../context/registry.ts";
import { importBundle } from "../util/import-bundle.ts";
import type { ContainerInit } from "./process/container-init.ts";

/**
 * Imports the bundle and gives the App it declares.
 *
 * A script that runs its own App at module level stops there: what it has declared until then is the App.
 */
export async function loadApp(init: ContainerInit): Promise<DeclaredApp> {
  const host = registry();
  host.loading = true;
  const parked = new Promise<void>((resolve) => {
    host.onParked = resolve;
  });
  const exported = await Promise.race([importBundle(init.bundle), parked]);
  host.loading = false;
  return pickApp(init.app, host.apps, exported ?? {});
}

// --- Internal helpers ---

/** The App of this name; without a name the only one declared, else the only one that the entry file exports. */
function pickApp(name: string, apps: readonly DeclaredApp[], exported: Readonly<Record<string, unknown>>): DeclaredApp {
  const named = apps.filter((app) => name === "" || app.name === name);
  const outside = new Set(Object.values(exported));
  const left = named.length > 1 ? named.filter((app) => outside.has(app)) : named;
  const [app] = left;
  if (app !== undefined && left.length === 1) return app;
  const names = apps.map((declared) => `"${declared.name}"`).join(", ") || "none";
  if (name === "")
    throw new InvalidError(`The module must declare one App; it declares ${names}.`, {
      hint: 'Write export const app = new App("name"). Several Apps are joined by app.include(other), or live in files of their own.',
    });
  throw new InvalidError(`The module declares no App "${name}"; it declares ${names}.`, { hint: "Declare the App at module level." });
}
