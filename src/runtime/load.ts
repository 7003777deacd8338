import { InvalidError } from "../model/errors.ts";
import type { DeclaredApp } from "../context/declared-app.ts";
import { type Registry, registry } from "../context/registry.ts";
import type { FunctionSpec } from "../model/function-spec.ts";
import { OBJECT_KINDS } from "../model/object-kinds.ts";
import type { ObjectUse } from "../model/object-use.ts";
import { reachOf } from "../model/reach.ts";
import { importBundle, type ImportableBundle } from "../util/import-bundle.ts";

/** What a container loads. */
export interface LoadParams {
  /** The App's name; empty for the one App that the entry file declares. */
  readonly app: string;
  readonly bundle: ImportableBundle;
}

/** A Function as its container runs it. */
export interface LoadedFunction {
  readonly spec: FunctionSpec;
  readonly body: (...args: unknown[]) => unknown;
}

/**
 * Imports the bundle and gives the App it declares. Rejects with what the module throws, and with `InvalidError` when it
 * does not declare the App.
 *
 * A script that runs its own App at module level stops there: what it has declared until then is the App.
 */
export async function loadApp(params: LoadParams): Promise<DeclaredApp> {
  const host = registry();
  host.loading = true;
  const parked = new Promise<void>((resolve) => {
    host.onParked = resolve;
  });
  const exported = await Promise.race([importBundle(params.bundle), parked]);
  host.loading = false;
  const app = pickApp(params.app, host.apps, exported ?? {});
  refuseOwnerless(app, host);
  return app;
}

/** Imports the bundle and gives one Function of its App. Rejects like {@link loadApp}, and with `InvalidError` for an unknown Function. */
export async function loadFunction(params: LoadParams, name: string): Promise<LoadedFunction> {
  const app = await loadApp(params);
  const declared = app.functions.get(name);
  if (declared === undefined)
    throw new InvalidError(`App "${params.app}" declares no Function "${name}" when its module is loaded in a container.`, {
      hint: "Declare it at module level, not behind a condition.",
    });
  const { spec } = declared;
  registry().reach = { app: app.name, fn: name, hasOwnUses: spec.uses !== undefined, objects: reachOf(app.toManifest(), name) };
  return { spec, body: declared.local as (...args: unknown[]) => unknown };
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

/** Of several Apps in one module graph each must say which handles are its own. Throws `InvalidError` for one that is nobody's. */
function refuseOwnerless(app: DeclaredApp, { apps, handles }: Registry): void {
  const others = apps.filter((other) => !app.parts.has(other));
  if (others.length === 0) return;
  const claimed = new Set(apps.flatMap(({ declaredUses }) => declaredUses.map((use) => JSON.stringify(use))));
  const ownerless = handles.find((use) => !claimed.has(JSON.stringify(use)));
  if (ownerless === undefined) return;
  throw new InvalidError(
    `The modules declare Apps ${[app, ...others].map((each) => `"${each.name}"`).join(", ")}, and the handle of ${OBJECT_KINDS[ownerless.kind].word} "${nameOf(ownerless)}" belongs to none of them.`,
    {
      hint: "Write app.uses(handle) in each App that uses it, join the Apps by app.include(other), or import no more than types of the other App and call it by RemoteFunction.fromName.",
    },
  );
}

function nameOf({ object }: ObjectUse): string {
  return object === undefined ? "" : "name" in object ? object.name : object.pattern;
}
