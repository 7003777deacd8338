import { InvalidError } from "../../model/errors.ts";
import { checkCallId } from "../../model/names.ts";
import { checkOptionNames, checkOptionsObject } from "../../model/option-checks.ts";
import { showValue } from "../../util/show-value.ts";
import type { CallSettings } from "./call-types.ts";

/** The settings of a call, checked. Throws `InvalidError` for an unknown one, and for a value that is not allowed. */
export function checkSettings(settings: CallSettings): CallSettings {
  const given = checkOptionsObject("with", settings);
  checkOptionNames("with", given, {
    known: ["signal", "timeoutMs", "callId"],
    renamed: { timeout: "timeoutMs", id: "callId", abortSignal: "signal" },
  });
  const { signal, timeoutMs, callId } = settings;
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidError(`with: signal is ${showValue(signal)}. It must be an AbortSignal.`);
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= 1)) {
    throw new InvalidError(`with: timeoutMs is ${showValue(timeoutMs)}. It must be a number of milliseconds, 1 or more.`);
  }
  if (callId !== undefined) checkCallId(callId);
  return settings;
}
