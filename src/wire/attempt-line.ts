import type { AttemptResult } from "../model/outcome.ts";

/** A stack beyond this is cut: its last frames say least. */
const MAX_CHARS = 2_000;

/** What a log says of an attempt that failed or was timed out, with the stack of its error; `null` of any other. */
export function attemptLine(result: AttemptResult, attempt: number): string | null {
  if (result.status !== "failed" && result.status !== "timed-out") return null;
  const { className, name, message, stack } = result.error;
  const text = stack ?? `${name ?? className}: ${message}`;
  return `attempt ${attempt} failed: ${text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text}`;
}
