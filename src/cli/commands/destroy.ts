import { destroyStack, findEnvironment } from "../../deploy/index.ts";
import { NotFoundError } from "../../model/errors.ts";
import { nearest } from "../../util/nearest.ts";
import { type Account, confirm, declined, withAccount } from "../apps/account.ts";
import type { CommandContext } from "../kit/command.ts";
import { UsageError } from "../kit/failures.ts";
import { writeResult } from "../render/results.ts";
import { parseTarget } from "../kit/target.ts";

/** `tenon destroy NAME` or `tenon destroy file.ts`. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number | void> {
  const { io, globals } = context;
  const { environment } = globals;
  const { appStack, checkAwsEnvironment } = await import("../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const app = await nameOf(context, args[0]!);
  const stack = appStack(environment, app);
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    if ((await api.stack(stack)) === undefined) throw await notDeployed(account, environment, app, stack);
    const agreed = await confirm(
      context,
      flags,
      `Destroy the App "${app}" of the environment "${environment}"? Calls that have not ended never will.`,
      {
        what: `nobody is there to confirm that "${app}" is to be destroyed`,
        hint: "Add --yes to destroy it without being asked.",
      },
    );
    if (!agreed) return declined(context, "Not destroyed.");
    const { synthName } = await import("../../synth/index.ts");
    const { dir } = synthName(stack, { outputDir: account.folder() });
    await account.working(stack, destroyStack(api, { dir, stack, onEvent }));
    if (globals.json) return writeResult(context, { app, environment, stack, state: "destroyed" });
    io.out.write(`destroyed ${app} (stack ${stack})\n`);
    return undefined;
  });
}

// --- Internal helpers ---

/** What is destroyed: a name as it is, or the name of the App that a file declares. */
async function nameOf({ globals }: CommandContext, typed: string): Promise<string> {
  if (/^[A-Za-z0-9._-]+$/.test(typed) && !/\.[cm]?[jt]sx?$/.test(typed)) return typed;
  const target = parseTarget(typed);
  if (target.name !== undefined)
    throw new UsageError(`a whole App is destroyed, not "${target.name}" alone`, { hint: `Write tenon destroy ${target.typed}.` });
  const { readApp } = await import("../../local/index.ts");
  return (await readApp({ entryFile: target.file, environment: globals.environment })).manifest.name;
}

async function notDeployed({ api }: Account, environment: string, app: string, stack: string): Promise<NotFoundError> {
  const apps = (await findEnvironment(api, environment))?.apps ?? [];
  if (apps.includes(app))
    return new NotFoundError(
      `App "${app}" is deployed in environment "${environment}", but not as a stack of its own: there is no ${stack}.`,
      {
        hint: "It is part of a stack of a CDK app: take its AppConstruct out there.",
      },
    );
  const close = nearest(app, apps);
  return new NotFoundError(
    `App "${app}" is not deployed in environment "${environment}" of this account and region: there is no stack ${stack}.`,
    {
      hint:
        close !== undefined
          ? `Did you mean ${close}?`
          : apps.length === 0
            ? "No App is deployed in it."
            : `Deployed are ${apps.join(", ")}.`,
    },
  );
}
