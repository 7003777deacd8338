import type { AppManifest } from "../../model/manifest.ts";
import type { Backend } from "../../ports/backend.ts";
import type { EventSink } from "../../ports/events.ts";
import type { WorkerStarter } from "../workers/worker-starter.ts";
import type { Slots } from "./pool/slots.ts";

/** What an engine runs and with what. */
export interface EngineParams {
  readonly manifest: AppManifest;
  readonly bundle: { readonly appFile: string; readonly sourceRoot: string; readonly version: string };
  readonly environment: string;
  /** Where containers open the named objects themselves. */
  readonly stateDir?: string | undefined;
  readonly workers: WorkerStarter;
  readonly onEvent: EventSink;
  /** What the App's own Functions reach: itself and whatever else the backend holds. */
  readonly backend: () => Backend;
  readonly slots?: Slots | undefined;
}
