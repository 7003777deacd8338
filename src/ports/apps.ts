import type { LogRecord } from "../wire/log-record.ts";
import type { AppManifest } from "../model/manifest.ts";
import type { OperationsOf } from "./operation.ts";

/** An App that a backend knows. */
export interface AppInfo {
  readonly name: string;
  readonly environment: string;
  readonly state: "deployed" | "running" | "stopped";
  /** Content hash of the bundle. */
  readonly version: string;
  /** Epoch milliseconds of the deployment, or of the start of a run. */
  readonly sinceMs: number;
  readonly functions: readonly string[];
}

/** Which log lines to give. */
export interface LogQuery {
  /** The newest so many (default 100, at most 20,000). */
  readonly tail?: number | undefined;
  /** Keep waiting for new lines until the signal aborts. */
  readonly follow?: boolean | undefined;
  readonly fn?: string | undefined;
  readonly call?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The Apps of one environment. */
export interface AppsPort {
  /** The manifest of a running or deployed App. Rejects with `NotFoundError`. */
  manifest(app: string): Promise<AppManifest>;
  /** Every App, newest first. */
  list(): Promise<readonly AppInfo[]>;
  /** Ends a deployed App: no further call is accepted, what runs is cancelled. Rejects with `NotFoundError`. */
  stop(app: string): Promise<void>;
  /** Log lines of a deployed App, oldest first. */
  logs(app: string, query?: LogQuery): AsyncIterable<LogRecord>;
}

/** The port's operations as data. */
export const appsOperations = {
  manifest: { shape: "once", app: { args: "0", answer: "name" } },
  list: { shape: "once" },
  stop: { shape: "once", app: { args: "0" } },
  logs: { shape: "stream", app: { args: "0" }, signal: 1 },
} as const satisfies OperationsOf<AppsPort>;
