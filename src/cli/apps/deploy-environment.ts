import { deployStack, findEnvironment } from "../../deploy/index.ts";
import { dataTable, environmentStack } from "../../model/aws-names.ts";
import type { BootstrapParams } from "../../model/bootstrap.ts";
import { environmentLack } from "../../model/environment-version.ts";
import type { CommandContext } from "../kit/command.ts";
import { commandText } from "../kit/command-text.ts";
import type { Account } from "./account.ts";
import { confirm } from "./confirm.ts";

/** What was deployed. */
export interface DeployedEnvironment {
  readonly stack: string;
  readonly changed: boolean;
  /** Whether it took over the data of an earlier environment of its name. */
  readonly adopted: boolean;
}

/**
 * Deploys the stack of an environment. A new one takes over the table and the bucket that an earlier one of its name left.
 * Its table is protected from deletion only when the stack is complete, so that a failure can roll back.
 */
export async function deployEnvironment(account: Account, environment: string, bootstrap: BootstrapParams): Promise<DeployedEnvironment> {
  const { api, onEvent } = account;
  const { synthEnvironment } = await import("../../synth/index.ts");
  const name = environmentStack(environment);
  const status = (await api.stack(name))?.status;
  const isNew = status === undefined || status === "REVIEW_IN_PROGRESS" || status === "ROLLBACK_COMPLETE";
  const adopted = isNew && (await api.hasTable(dataTable(environment)));
  if (isNew) {
    const { account: id, region } = await account.place();
    // The bucket can be taken over only when both are in the template.
    const env = id === undefined || region === undefined ? undefined : { account: id, region };
    const { stack, dir } = synthEnvironment(environment, { outputDir: account.folder(), env, ...bootstrap });
    await account.working(stack, (onStart) => deployStack(api, { stack, dir, onEvent, adopt: true, onStart }));
    account.note(`the stack ${stack} is complete; a second change of it protects its data from deletion`);
  }
  const { stack, dir } = synthEnvironment(environment, { outputDir: account.folder(), deletionProtection: true, ...bootstrap });
  const { changed } = await account.working(stack, (onStart) => deployStack(api, { stack, dir, onEvent, onStart }));
  return { stack, changed: isNew || changed === true, adopted };
}

/**
 * Makes sure that an App has its environment, in a version that is new enough: asks whether to deploy it. `false`: the
 * answer was no. Rejects with `UsageError` where no question can be asked.
 */
export async function offerEnvironment(
  context: CommandContext,
  { yes, bootstrap }: { readonly yes: boolean; readonly bootstrap: BootstrapParams },
  account: Account,
): Promise<boolean> {
  const { io, globals } = context;
  const { environment } = globals;
  const lack = environmentLack((await findEnvironment(account.api, environment))?.version ?? null);
  if (lack === undefined) return true;
  const agreed = await confirm(context, yes, async () => ({
    act: `deploy ${await account.where()} first`,
    effect: `${lack}. An environment is two tables, a bucket and a daily sweeper, and costs less than a cent a month while nothing runs.`,
    hint: `Run ${commandText(context, { command: "env deploy", backend: "aws", usual: "aws" })} first, or add --yes.`,
  }));
  if (!agreed) return false;
  const { stack, adopted } = await deployEnvironment(account, environment, bootstrap);
  if (!globals.json) io.err.write(`deployed environment ${environment} (stack ${stack})${adopted ? ADOPTED : ""}\n`);
  return true;
}

/** Behind the line that says that an environment is deployed. */
export const ADOPTED = ", with the data of the earlier environment of this name";
