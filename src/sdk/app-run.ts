import { describeDroppedCalls } from "../model/dropped-calls.ts";
import { defaultEnvironment } from "../model/environment-name.ts";
import { ConflictError, ExecutionError } from "../model/errors.ts";
import type { AppManifest } from "../model/manifest.ts";
import { checkEnvironmentName } from "../model/names.ts";
import { checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import type { EventSink, TenonEvent } from "../ports/events.ts";
import type { BackendRun } from "../ports/backends.ts";
import { registry } from "../context/registry.ts";

/** How an App runs in this process. */
export interface AppRunParams {
  /** @default - `TENON_ENVIRONMENT`, else "dev" */
  readonly environment?: string | undefined;
  /** The folder of the local backend's state. @default - `TENON_STATE_DIR`, else `.tenon` beside the nearest package.json */
  readonly stateDir?: string | undefined;
  /** Hears what happens: log lines, containers, retries, progress, spawned calls that the end of the run cancels. Must not throw. */
  readonly onEvent?: EventSink | undefined;
  /** @internal What the local backend made ready already. */
  readonly prepared?: unknown;
}

const KNOWN = ["environment", "stateDir", "onEvent", "prepared"];

/** An App that runs until it is closed. Made by `await app.run()`. */
export class AppRun {
  /** The App's name. */
  readonly app: string;
  readonly #backend: BackendRun;
  #closing: Promise<void> | undefined;

  protected constructor(app: string, backend: BackendRun) {
    this.app = app;
    this.#backend = backend;
  }

  /** @internal Starts an App; while it runs, its Functions' calls go to it. */
  static async start(manifest: AppManifest, entryFile: string, params: AppRunParams): Promise<AppRun> {
    checkOptionNames("run", checkOptionsObject("run", params), {
      known: KNOWN,
      renamed: { environmentName: "environment", env: "environment" },
    });
    const known = registry();
    const { name } = manifest;
    if (known.role === "container")
      throw new ExecutionError(`App "${name}" is started inside a container.`, { hint: "Call its Functions, which run already." });
    if (known.loading) throw moduleLoads(name);
    if (starting.has(name) || known.runs.has(name)) {
      throw new ConflictError(`App "${name}" is running already in this process.`, { hint: "Use that run, or close it first." });
    }
    if (known.backends === undefined)
      throw new ExecutionError("No backend is loaded: Tenon was imported by another path than its entry point.", {
        hint: 'Import from "tenon".',
      });
    starting.add(name);
    try {
      const backend = await known.backends.runLocal({
        manifest,
        entryFile,
        environment: params.environment === undefined ? defaultEnvironment(process.env) : checkEnvironmentName(params.environment),
        stateDir: params.stateDir,
        onEvent: params.onEvent ?? warnOfDroppedCalls,
        prepared: params.prepared,
      });
      known.runs.set(name, backend.backend);
      if (params.onEvent !== undefined) known.sinks.set(name, params.onEvent);
      return new AppRun(name, backend);
    } finally {
      starting.delete(name);
    }
  }

  /**
   * Ends the App: its containers end, and calls without an outcome are cancelled, spawned ones too. Spawned calls that are lost
   * so are told by the event `CALLS_DROPPED`, or by a warning of the process where nothing hears events. May be called again.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** Same as {@link AppRun.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      await this.#backend.close();
    } finally {
      const { runs, sinks } = registry();
      runs.delete(this.app);
      sinks.delete(this.app);
    }
  }
}

// --- Internal helpers ---

const starting = new Set<string>();

/** Tells lost work where nothing hears events: as a warning of the process, which prints it unless the program handles it. */
function warnOfDroppedCalls(event: TenonEvent): void {
  if (event.code !== "CALLS_DROPPED") return;
  const { message, hint } = describeDroppedCalls(event);
  process.emitWarning(message, { type: "TenonWarning", code: "TENON_CALLS_DROPPED", detail: hint });
}

function moduleLoads(name: string): ExecutionError {
  return new ExecutionError(`App "${name}" is started while its module loads.`, {
    hint: "Start this file with `node`, which lets it run the App itself. For `tenon run`, put the calls into app.localEntrypoint(…).",
  });
}
