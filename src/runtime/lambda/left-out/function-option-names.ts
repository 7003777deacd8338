// Stands in the place of src/model/function-option-names.ts: wrong names were refused, with what to write instead, when the
// App was deployed.
import type { OptionNames } from "../../../model/option-checks.ts";
import type { Replacement } from "./replacement.ts";

/** The options of a Function, without what is said to other names. */
export const FUNCTION_OPTION_NAMES: OptionNames = {
  known: [
    "timeoutMs",
    "startupTimeoutMs",
    "memoryMiB",
    "cpu",
    "retries",
    "env",
    "minContainers",
    "maxContainers",
    "bufferContainers",
    "scaledownWindowMs",
    "singleUseContainers",
    "uses",
    "permissions",
  ],
};

/** Checked against what it stands for. */
export default { FUNCTION_OPTION_NAMES } satisfies Replacement<typeof import("../../../model/function-option-names.ts")>;
