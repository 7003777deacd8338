// Stands in the place of src/bridge.ts: a container on Lambda holds nothing of the local world, and all of the other.
import { createAwsBackend } from "../adapters/backend.ts";
import { ExecutionError } from "../model/errors.ts";
import { registry } from "../sdk/registry.ts";

const refuse = (): Promise<never> =>
  Promise.reject(
    new ExecutionError("A container on Lambda has no local world.", { hint: 'Leave out `backend: "local"` in code that runs on AWS.' }),
  );

registry().worlds ??= {
  connectLocal: refuse,
  connectAws: async ({ environment = "dev", region, endpoint }) => createAwsBackend({ environment, region, endpoint }),
  runLocal: refuse,
};
