import { refuseLocal, withAccount } from "../../apps/account.ts";
import { ADOPTED, deployEnvironment } from "../../apps/deploy-environment.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./deploy.ts";

/** `tenon env deploy`. */
export const run: CommandBody<typeof spec> = async (context, _args, flags) => {
  const { io, globals } = context;
  const { environment } = globals;
  refuseLocal(context, flags);
  const { checkAwsEnvironment } = await import("../../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const { qualifier, permissionsBoundary } = flags;
  const bootstrap = { qualifier, permissionsBoundary };
  const { stack, changed, adopted } = await withAccount(context, (account) => deployEnvironment(account, environment, bootstrap));
  if (globals.json) return writeResult(context, { environment, stack, changed, adopted });
  const state = changed ? `is deployed${adopted ? ADOPTED : ""}` : "is deployed already, nothing changed";
  io.out.write(`environment ${environment} ${state} (stack ${stack})\n`);
};
