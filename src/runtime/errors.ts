import { FunctionTimeoutError } from "../model/errors.ts";
import type { FunctionSpec } from "../model/function-spec.ts";
import { showNumber } from "../util/show-value.ts";

/** An attempt that ran too long. */
export function attemptTimeout(spec: FunctionSpec, attempt: number): FunctionTimeoutError {
  return new FunctionTimeoutError(
    `Function "${spec.name}" ran longer than its timeoutMs of ${showNumber(spec.timeoutMs)} ms (attempt ${attempt}).`,
    { hint: "Give it a larger timeoutMs, or less work per call." },
  );
}

/** A container whose module, or what is awaited at its top level, took too long. */
export function startedTooLate(name: string, startupTimeoutMs: number): FunctionTimeoutError {
  return new FunctionTimeoutError(`Function "${name}" did not start within its startupTimeoutMs of ${showNumber(startupTimeoutMs)} ms.`, {
    hint: "Give it a larger startupTimeoutMs, or do less while its module loads.",
  });
}
