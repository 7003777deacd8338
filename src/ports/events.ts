import type { DroppedCalls } from "../model/dropped-calls.ts";
import type { LogRecord } from "../wire/log-record.ts";

/** What a library part has to say; only the CLI turns it into words on a screen. */
export type TenonEvent =
  | { readonly code: "LOG"; readonly record: LogRecord }
  | { readonly code: "BUNDLE_READY"; readonly app: string; readonly version: string; readonly cached: boolean; readonly durationMs: number }
  | { readonly code: "CONTAINER_STARTED"; readonly app: string; readonly fn: string; readonly container: string }
  | { readonly code: "CONTAINER_ENDED"; readonly app: string; readonly fn: string; readonly container: string; readonly reason: string }
  /** An attempt has ended as failed or timed out; `text` says why, with a stack. */
  | {
      readonly code: "ATTEMPT_FAILED";
      readonly app: string;
      readonly fn: string;
      readonly container: string;
      readonly call: string;
      readonly input: string;
      readonly attempt: number;
      readonly text: string;
    }
  | { readonly code: "INPUT_LOST"; readonly app: string; readonly fn: string; readonly call: string; readonly reason: string }
  /** `attempt` is the one that failed; the next starts in `delayMs`. */
  | {
      readonly code: "INPUT_RETRIED";
      readonly app: string;
      readonly fn: string;
      readonly call: string;
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: string;
    }
  /** A run has ended before spawned calls that it had accepted: they are cancelled. At most twenty are named. */
  | ({ readonly code: "CALLS_DROPPED" } & DroppedCalls)
  /** CloudFormation says that a resource has reached a status, such as `CREATE_COMPLETE`. */
  | {
      readonly code: "STACK_RESOURCE";
      readonly stack: string;
      /** Its logical id. */
      readonly resource: string;
      readonly type: string;
      readonly status: string;
      readonly reason: string | undefined;
      /** How many resources of the stack are done, of how many; `null` when nobody knows. */
      readonly done: number;
      readonly total: number | null;
    }
  /** A stack was not deployed, for this reason, which passes: it is deployed once more in `waitMs`. */
  | { readonly code: "STACK_WAITS"; readonly stack: string; readonly waitMs: number; readonly reason: string }
  /** The account that is deployed to runs so few containers of Lambda at once, of all functions that reserve none. */
  | { readonly code: "ACCOUNT_CONCURRENCY_LOW"; readonly concurrency: number }
  | {
      readonly code: "MAP_PROGRESS";
      readonly app: string;
      readonly fn: string;
      /** The map: all of its inputs are one call. */
      readonly call: string;
      /** Inputs that have their outcome, those that failed among them. */
      readonly done: number;
      readonly failed: number;
      readonly total: number | null;
      readonly finished: boolean;
    };

/** Takes events; must not throw. */
export type EventSink = (event: TenonEvent) => void;
