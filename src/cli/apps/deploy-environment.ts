import { deployStack, findEnvironment, refuseLeftovers } from "../../deploy/index.ts";
import type { Account } from "./account.ts";
import { confirm } from "./account.ts";
import type { CommandContext } from "../kit/command.ts";

/** Deploys the stack of an environment; says whether that changed anything. */
export async function deployEnvironment(
  account: Account,
  environment: string,
): Promise<{ readonly stack: string; readonly changed: boolean | null }> {
  const { api, onEvent } = account;
  await refuseLeftovers(api, environment);
  const { synthEnvironment } = await import("../../synth/index.ts");
  const { stack, dir } = synthEnvironment(environment, { outputDir: account.folder() });
  return account.working(stack, deployStack(api, { stack, dir, onEvent }));
}

/**
 * Sees to it that an App finds its environment, new enough: asks whether to deploy it when it does not. `false`: the
 * answer was no. Throws `UsageError` when nobody is there to ask.
 */
export async function offerEnvironment(
  context: CommandContext,
  flags: Readonly<Record<string, unknown>>,
  account: Account,
): Promise<boolean> {
  const { io, globals } = context;
  const { environment } = globals;
  const { MIN_ENVIRONMENT_VERSION } = await import("../../synth/index.ts");
  const version = (await findEnvironment(account.api, environment))?.version ?? null;
  if (version !== null && version >= MIN_ENVIRONMENT_VERSION) return true;
  const lack =
    version === null
      ? `environment "${environment}" is not deployed in this account and region`
      : `environment "${environment}" has version ${version}, and this App needs ${MIN_ENVIRONMENT_VERSION}`;
  const agreed = await confirm(
    context,
    flags,
    `${lack[0]?.toUpperCase()}${lack.slice(1)}: two tables, a bucket, no fixed cost. Deploy it now?`,
    {
      what: lack,
      hint: `Run tenon env deploy -e ${environment} first, or add --yes to have it deployed along.`,
    },
  );
  if (!agreed) return false;
  const { stack } = await deployEnvironment(account, environment);
  if (!globals.json) io.err.write(`deployed environment ${environment} (stack ${stack})\n`);
  return true;
}
