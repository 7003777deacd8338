// The one place where what users import meets the backends: each is loaded when it is first used.
import { defaultEnvironment } from "./model/environment-name.ts";
import { findErrorClassesOfApps } from "./context/error-classes.ts";
import { registry } from "./context/registry.ts";
import { ERROR_CLASSES } from "./model/errors.ts";
import * as sdk from "./sdk/index.ts";

registry().backends ??= {
  connectLocal: async (params) => (await import("./local/index.ts")).connectLocal(params),
  connectAws: async ({ environment = defaultEnvironment(process.env), region, endpoint }) =>
    (await import("./adapters/backend.ts")).createAwsBackend({
      environment,
      region,
      endpoint,
      createdBy: async () => (await (await import("./adapters/aws/identity.ts")).findIdentity({ region, endpoint })).arn ?? null,
    }),
  runLocal: async (params) => (await import("./local/index.ts")).runLocal(params),
};

findErrorClassesOfApps([...Object.values(sdk), ...Object.values(ERROR_CLASSES)]);
