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

/** What has become of an App that was stopped, in words: nothing where no part needs a word. */
export interface StoppedApp {
  readonly stopped: readonly string[];
  /** What does not end with it. */
  readonly goesOn: readonly string[];
}

/** Lines that a query gives when it says neither how many nor since when. */
export const LOG_TAIL_DEFAULT = 100;
/** Lines that a query gives at most. */
export const LOG_TAIL_MAX = 20_000;

/** Which log lines to give. */
export interface LogQuery {
  /** The newest so many: {@link LOG_TAIL_DEFAULT}, or with `sinceMs` {@link LOG_TAIL_MAX}, which is the most. */
  readonly tail?: number | undefined;
  /** Only lines that were written at this time or later, in epoch milliseconds. */
  readonly sinceMs?: number | undefined;
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
  /**
   * Stops a deployed App: no further call starts until it is deployed again. On this machine calls that run or wait are
   * cancelled; on AWS those that run go on, and those that wait stay queued. Rejects with `NotFoundError`.
   */
  stop(app: string): Promise<StoppedApp>;
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
