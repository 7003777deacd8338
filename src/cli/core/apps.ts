import type { AppManifest, EntrypointSpec } from "../../model/manifest.ts";
import type { AppRun } from "../../ports/worlds.ts";
import type { AppBundle } from "../../bundle/index.ts";
import type { EventSink } from "../../ports/events.ts";
import { UsageError } from "./failures.ts";
import type { StandardSchema } from "./schema-flags.ts";

/** What the CLI calls on a Function's handle. */
export interface RunnableFunction {
  remote(...args: readonly unknown[]): Promise<unknown>;
  remoteGen(...args: readonly unknown[]): AsyncIterable<unknown>;
}

/** An entrypoint as an App holds it. */
export interface RunnableEntrypoint {
  readonly spec: EntrypointSpec;
  readonly schema?: StandardSchema | undefined;
  readonly handler: (args: object) => unknown;
}

/** What the CLI uses of an App. */
export interface RunnableApp {
  readonly name: string;
  /** The file of the declaration; absent when it could not be told. */
  readonly entryFile?: string | undefined;
  readonly entrypoints: ReadonlyMap<string, RunnableEntrypoint>;
  readonly functions: ReadonlyMap<string, unknown>;
  toManifest(): AppManifest;
  run(params: { environment: string; onEvent: EventSink; bundle: AppBundle }): Promise<Pick<AppRun, "close"> & { kill?(): void }>;
}

/**
 * The App that a file declares: the only one there is, else the only one declared by this very file, else the only
 * one that it exports.
 *
 * Throws `UsageError` when there is none, or when several are left.
 */
export function pickApp(
  apps: readonly RunnableApp[],
  file: string,
  typed: string,
  exported: Readonly<Record<string, unknown>>,
): RunnableApp {
  if (apps.length === 0) throw new UsageError(`${typed} declares no App`, { hint: `Add: export const app = new App("name")` });
  if (apps.length === 1) return apps[0]!;
  const here = apps.filter((app) => app.entryFile === file);
  if (here.length === 1) return here[0]!;
  const left = here.length > 1 ? here : apps;
  const outside = left.filter((app) => Object.values(exported).includes(app));
  if (outside.length === 1) return outside[0]!;
  throw new UsageError(`${typed} declares ${left.length} Apps: ${left.map((app) => `"${app.name}"`).join(", ")}`, {
    hint: "Keep one App per file: app.include(other) joins them, or move the others to files of their own.",
  });
}
