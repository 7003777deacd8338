// Stands in the place of src/adapters/apps/aws-operator.ts: no container lists or stops Apps, or reads their logs.
import { PermissionDeniedError } from "../../../model/errors.ts";
import type { Replacement } from "./replacement.ts";

/** Refuses. */
export function openAppOperator(): never {
  throw new PermissionDeniedError("Apps are listed and stopped, and their logs read, from outside of containers.", {
    hint: "Use the command: tenon app list, tenon app stop, tenon app logs.",
  });
}

/** Checked against what it stands for. */
export default { openAppOperator } satisfies Replacement<typeof import("../../../adapters/apps/aws-operator.ts")>;
