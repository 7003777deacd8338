import { destroyStack, findEnvironment } from "../../deploy/index.ts";
import { NotFoundError } from "../../model/errors.ts";
import { nearest } from "../../util/nearest.ts";
import { type Account, withAccount } from "../apps/account.ts";
import { confirm, declined } from "../apps/confirm.ts";
import { touch } from "../apps/places.ts";
import { wrongApps } from "../arguments/choose.ts";
import { isSourceFile, parseAppTarget } from "../arguments/target.ts";
import type { CommandBody, CommandContext } from "../kit/command.ts";
import { commandText } from "../kit/command-text.ts";
import { chooseBackend, placeText } from "../kit/place.ts";
import { writeResult } from "../render/results.ts";
import type { spec } from "./destroy.ts";

/** `tenon destroy NAME` or `tenon destroy file.ts`. */
export const run: CommandBody<typeof spec> = async (context, { app: typed }, { local, aws, yes, qualifier }) => {
  const backend = chooseBackend({ local, aws }, context.io.env, "aws");
  if (backend === "local") return destroyHere(context, typed, yes);
  return destroyOnAws(context, typed, { yes, qualifier });
};

// --- Internal helpers ---

async function destroyHere(context: CommandContext, typed: string, yes: boolean): Promise<number | void> {
  const { io, globals } = context;
  const { environment } = globals;
  const place = touch(context, "local");
  const { app, stateDir } = await nameOf(context, typed);
  const agreed = await confirm(context, yes, async () => ({
    act: `destroy the App "${app}" of ${placeText(await place())}`,
    effect: "Calls that run are cancelled; its code and its log are removed.",
    hint: "Add --yes to destroy it without a question.",
  }));
  if (!agreed) return declined(context, "Not destroyed.");
  const { destroyLocal } = await import("../../local/index.ts");
  try {
    await destroyLocal({ app, environment, stateDir });
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause;
    const list = commandText(context, { command: "app list", backend: "local" });
    throw new NotFoundError(`App "${app}" is not deployed in ${placeText(await place())}.`, {
      hint: `Run ${list} to see which are.`,
      cause,
    });
  }
  if (globals.json) return writeResult(context, { app, environment, state: "destroyed" });
  io.out.write(`destroyed ${app} on this machine (environment ${environment})\n`);
  return undefined;
}

async function destroyOnAws(
  context: CommandContext,
  typed: string,
  { yes, qualifier }: { readonly yes: boolean; readonly qualifier: string | undefined },
): Promise<number | void> {
  const { io, globals } = context;
  const { environment } = globals;
  const { appStack, checkAwsEnvironment } = await import("../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const { app } = await nameOf(context, typed);
  const stack = appStack(environment, app);
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    if ((await api.stack(stack)) === undefined) throw await notDeployed(account, environment, app, stack);
    const agreed = await confirm(context, yes, async () => ({
      act: `destroy the App "${app}" of ${await account.where()}`,
      effect: "Calls that have not ended are lost.",
      hint: "Add --yes to destroy it without a question.",
    }));
    if (!agreed) return declined(context, "Not destroyed.");
    const { synthName } = await import("../../synth/index.ts");
    const { dir } = synthName(stack, { outputDir: account.folder(), qualifier });
    await account.working(stack, (onStart) => destroyStack(api, { dir, stack, onEvent, onStart }));
    if (globals.json) return writeResult(context, { app, environment, stack, state: "destroyed" });
    io.out.write(`destroyed ${app} (stack ${stack})\n`);
    return undefined;
  });
}

/** What is destroyed: a name as it is, or the name of the App that a file declares. */
async function nameOf({ globals }: CommandContext, typed: string): Promise<{ readonly app: string; readonly stateDir?: string }> {
  if (/^[A-Za-z0-9._-]+$/.test(typed) && !isSourceFile(typed)) return { app: typed };
  const target = parseAppTarget(typed, "destroy");
  const { readApp } = await import("../../local/index.ts");
  const { manifest, stateDir } = await readApp({
    entryFile: target.file,
    environment: globals.environment,
    moduleFailure: (error) => wrongApps(error, target.typed),
  });
  return { app: manifest.name, stateDir };
}

async function notDeployed({ api }: Account, environment: string, app: string, stack: string): Promise<NotFoundError> {
  const apps = (await findEnvironment(api, environment))?.apps ?? [];
  if (apps.includes(app))
    return new NotFoundError(`App "${app}" has no stack of its own in environment "${environment}": there is no ${stack}.`, {
      hint: "Remove its AppConstruct from the CDK app that deploys it.",
    });
  const close = nearest(app, apps);
  const others = apps.length === 0 ? "No App is deployed there." : `Deployed are ${apps.join(", ")}.`;
  return new NotFoundError(`App "${app}" is not deployed in environment "${environment}": there is no stack ${stack}. ${others}`, {
    hint: close === undefined ? "Check the name, the environment (-e), the account and the region." : `Write ${close}.`,
  });
}
