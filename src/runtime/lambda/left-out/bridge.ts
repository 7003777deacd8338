// Stands in the place of src/bridge.ts: a container on Lambda holds nothing of the local backend, and all of the other.
import { createAwsBackend } from "../../../adapters/backend.ts";
import { registry } from "../../../context/registry.ts";
import { defaultEnvironment } from "../../../model/environment-name.ts";
import { ExecutionError } from "../../../model/errors.ts";
import type { Replacement } from "./replacement.ts";

const refuse = (): Promise<never> =>
  Promise.reject(
    new ExecutionError("A container on Lambda has no local backend.", { hint: 'Leave out `backend: "local"` in code that runs on AWS.' }),
  );

registry().backends ??= {
  connectLocal: refuse,
  connectAws: async ({ environment = defaultEnvironment(process.env), region, endpoint }) =>
    createAwsBackend({ environment, region, endpoint, inContainer: true }),
  runLocal: refuse,
};

/** Checked against what it stands for. */
export default {} satisfies Replacement<typeof import("../../../bridge.ts")>;
