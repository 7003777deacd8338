import { type LogFollower, destroyStack, deployStack, findLeftRuns, followRunLogs, renameApp, runManifest } from "../../deploy/index.ts";
import { appStack, checkAwsEnvironment } from "../../model/aws-names.ts";
import { InvalidError } from "../../model/errors.ts";
import { registry } from "../../context/registry.ts";
import { type Account, declined, withAccount } from "./account.ts";
import type { CommandContext } from "../kit/command.ts";
import { offerEnvironment } from "./deploy-environment.ts";
import type { LoadedApp } from "./load-app.ts";
import { makeParts, readArchitecture } from "./parts.ts";

/**
 * Deploys the App as a stack of its own, lets its Functions be called from this process while the work is done, and
 * takes the stack away again: at the end, at Ctrl-C, and what a killed command has left at the next run.
 */
export async function withAppOnAws(
  context: CommandContext,
  flags: Readonly<Record<string, unknown>>,
  loaded: LoadedApp,
  work: () => Promise<void>,
): Promise<number | void> {
  const { globals, io } = context;
  const environment = checkAwsEnvironment(globals.environment);
  const architecture = readArchitecture(flags);
  const { backends } = registry();
  if (backends === undefined) throw new InvalidError("no backend is known to this copy of Tenon");
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    if (!(await offerEnvironment(context, flags, account))) return declined(context, "Not run.");
    await sweep(context, account);
    const { synthApp } = await import("../../synth/index.ts");
    const { app } = loaded;
    const manifest = runManifest(app.toManifest(), Date.now());
    const { asset } = await makeParts(context, { bundle: loaded.bundle, manifest, stateDir: loaded.stateDir, architecture });
    const { stack, dir } = synthApp({ environment, manifest, asset, architecture }, { outputDir: account.folder() });

    let ending: Promise<unknown> | undefined;
    let logs: LogFollower | undefined;
    const end = (): Promise<unknown> =>
      (ending ??= (async () => {
        await logs?.end();
        if (!globals.json) io.err.write(`removing the stack ${stack}\n`);
        await destroyStack(api, { dir, stack, evenIfBusy: true });
      })());
    const release = account.beforeEnd(end);
    try {
      const sinceMs = Date.now();
      if (!globals.json) io.err.write(`deploying ${app.name} as the stack ${stack}, for this run\n`);
      // Resource by resource only for who asks: it is there for a moment.
      await deployStack(api, { stack, dir, onEvent: globals.verbose ? onEvent : undefined });
      // What the entrypoint looks up by name is in the backend and the environment that the App runs in.
      Object.assign(process.env, { TENON_ENVIRONMENT: environment, TENON_BACKEND: "aws" });
      const backend = renameApp(await backends.connectAws({ environment }), app.name, manifest.name);
      logs = await followRunLogs({ environment, app: manifest.name, functions: Object.keys(manifest.functions), sinceMs, onEvent });
      const { runs, sinks } = registry();
      runs.set(app.name, backend);
      sinks.set(app.name, onEvent);
      try {
        await work();
      } finally {
        runs.delete(app.name);
        sinks.delete(app.name);
        await backend.close();
      }
    } finally {
      await end();
      release();
    }
    return undefined;
  });
}

/** Takes away what runs have left behind that were killed. */
async function sweep({ globals, io }: CommandContext, { api, folder }: Account): Promise<void> {
  const { environment } = globals;
  const left = await findLeftRuns(api, environment, Date.now());
  if (left.length === 0) return;
  const { synthName } = await import("../../synth/index.ts");
  for (const app of left) {
    const stack = appStack(environment, app);
    if (!globals.json) io.err.write(`removing the stack ${stack}, which an earlier run has left behind\n`);
    const { dir } = synthName(stack, { outputDir: folder() });
    await destroyStack(api, { dir, stack, evenIfBusy: true });
  }
}
