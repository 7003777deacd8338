import type { AppManifest } from "../model/manifest.ts";
import type { Backend } from "./backend.ts";
import type { EventSink } from "./events.ts";

/** Where a client looks for its backend. */
export interface ConnectParams {
  readonly environment?: string | undefined;
  /** Local backend: the folder of its state; default `.tenon` beside the nearest package.json, or `TENON_STATE_DIR`. */
  readonly stateDir?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** What an App needs to run here. */
export interface RunParams extends ConnectParams {
  readonly manifest: AppManifest;
  /** Absolute path of the file that declares the App. */
  readonly entryFile: string;
  readonly onEvent?: EventSink | undefined;
  /** What the same backend made ready before anybody knew the manifest. */
  readonly prepared?: unknown;
}

/** An App that runs in this process until it is closed. */
export interface BackendRun {
  readonly backend: Backend;
  /** Cancels what is outstanding, ends the containers, leaves nothing behind. Never rejects because of user code. */
  close(): Promise<void>;
}

/** The doors of the backends: loaded only when used, so that the SDK alone stays small. */
export interface Backends {
  connectLocal(params: ConnectParams): Promise<Backend>;
  connectAws(params: ConnectParams): Promise<Backend>;
  runLocal(params: RunParams): Promise<BackendRun>;
}
