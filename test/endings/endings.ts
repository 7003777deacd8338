import { expect } from "vitest";
import type { AttemptResult } from "../../src/model/outcome.ts";
import { decode } from "../../src/wire/codec.ts";
import { decodeError } from "../../src/wire/error-codec.ts";
import type { Ending } from "../fixtures/endings-app.ts";

/** What becomes of an attempt whose body, or whose process, ends in one way. */
export interface EndingCase {
  readonly ending: Ending;
  readonly says: string;
  readonly status: AttemptResult["status"];
  /** Name of the error's class, and the exit code that it carries. */
  readonly error?: string;
  readonly exitCode?: number;
}

/** The one table: the same on every judge, however the input came. */
export const ENDINGS: readonly EndingCase[] = [
  { ending: "return", says: "a body that returns succeeds", status: "succeeded" },
  { ending: "throw", says: "a body that throws fails with its error", status: "failed", error: "RangeError" },
  { ending: "exit 0", says: "exit code 0 is user code's failure", status: "failed", error: "ProcessExitError", exitCode: 0 },
  { ending: "exit 1", says: "exit code 1 is user code's failure", status: "failed", error: "ProcessExitError", exitCode: 1 },
  { ending: "exit 210", says: "an exit code of Tenon's own is not misread", status: "failed", error: "ProcessExitError" },
  { ending: "abort", says: "an abort is a loss", status: "lost" },
  { ending: "memory", says: "the end of memory is a loss", status: "lost" },
  { ending: "busy", says: "a body that blocks is timed out", status: "timed-out", error: "FunctionTimeoutError" },
  { ending: "timeout", says: "a body that waits is timed out", status: "timed-out", error: "FunctionTimeoutError" },
  { ending: "killed", says: "a process that is killed is a loss", status: "lost" },
];

/** Says how an attempt ended, in the terms of the table. */
export function endOf(result: AttemptResult): Pick<EndingCase, "status" | "error" | "exitCode"> {
  if (!("error" in result)) return { status: result.status };
  const error = decodeError(result.error) as Error & { exitCode?: number };
  return { status: result.status, error: error.name, ...(error.exitCode === undefined ? undefined : { exitCode: error.exitCode }) };
}

/** Compares how an attempt ended with its row of the table. */
export function expectEnding(result: AttemptResult, { status, error, exitCode }: EndingCase): void {
  expect(endOf(result)).toMatchObject({ status, ...(error && { error }), ...(exitCode === undefined ? undefined : { exitCode }) });
  if (result.status === "succeeded") expect(decode(result.value)).toBe(1);
}
