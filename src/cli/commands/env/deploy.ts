import { withAccount } from "../../apps/account.ts";
import type { CommandContext } from "../../kit/command.ts";
import { deployEnvironment } from "../../apps/deploy-environment.ts";
import { writeResult } from "../../render/results.ts";

/** `tenon env deploy`. */
export async function run(context: CommandContext): Promise<void> {
  const { io, globals } = context;
  const { environment } = globals;
  const { checkAwsEnvironment } = await import("../../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const { stack, changed } = await withAccount(context, (account) => deployEnvironment(account, environment));
  if (globals.json) return writeResult(context, { environment, stack, changed });
  io.out.write(`environment ${environment} is deployed${changed ? "" : " already, nothing changed"} (stack ${stack})\n`);
}
