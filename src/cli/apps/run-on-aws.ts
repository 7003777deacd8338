import { type LogFollower, destroyStack, deployStack, findLeftRuns, followRunLogs, renameApp, runManifest } from "../../deploy/index.ts";
import { appStack, checkAwsEnvironment } from "../../model/aws-names.ts";
import type { BootstrapParams } from "../../model/bootstrap.ts";
import { ExecutionError } from "../../model/errors.ts";
import { registry } from "../../context/registry.ts";
import type { CommandContext } from "../kit/command.ts";
import { type Account, withAccount } from "./account.ts";
import { declined } from "./confirm.ts";
import { offerEnvironment } from "./deploy-environment.ts";
import type { LoadedApp } from "./load-app.ts";
import { type Architecture, makeParts } from "./parts.ts";

/** What to run on AWS. */
export interface RunOnAwsParams {
  readonly loaded: LoadedApp;
  readonly architecture: Architecture;
  /** Whether to deploy a missing environment without asking. */
  readonly yes: boolean;
  readonly bootstrap: BootstrapParams;
  /** What calls the App's Functions from this process. */
  readonly work: () => Promise<void>;
}

/**
 * Deploys the App as a stack of its own, does the work, which calls its Functions from this process, and removes the stack:
 * at the end, and at Ctrl-C. Stacks that killed commands have left are removed first.
 */
export async function withAppOnAws(context: CommandContext, params: RunOnAwsParams): Promise<number | void> {
  const { loaded, architecture, yes, bootstrap, work } = params;
  const { globals, io } = context;
  const environment = checkAwsEnvironment(globals.environment);
  const { backends } = registry();
  if (backends === undefined) throw new ExecutionError("This copy of Tenon knows no backend.", { hint: "Install tenon again." });
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    if (!(await offerEnvironment(context, { yes, bootstrap }, account))) return declined(context, "Not run.");
    await sweep(context, account, bootstrap);
    const { synthApp } = await import("../../synth/index.ts");
    const { app } = loaded;
    const manifest = runManifest(app.toManifest(), Date.now());
    const { asset } = await makeParts(context, { bundle: loaded.bundle, manifest, stateDir: loaded.stateDir, architecture });
    const { stack, dir } = synthApp({ environment, manifest, asset, architecture }, { outputDir: account.folder(), ...bootstrap });

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
      // The stack is there for a moment only: its resources are of interest with --verbose.
      await deployStack(api, { stack, dir, onEvent: globals.verbose ? onEvent : undefined });
      // Names that the entrypoint looks up are those of the App's own backend and environment.
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

/** Removes the stacks of runs that were killed. */
async function sweep({ globals, io }: CommandContext, { api, folder }: Account, bootstrap: BootstrapParams): Promise<void> {
  const { environment } = globals;
  const left = await findLeftRuns(api, environment, Date.now());
  if (left.length === 0) return;
  const { synthName } = await import("../../synth/index.ts");
  for (const app of left) {
    const stack = appStack(environment, app);
    if (!globals.json) io.err.write(`removing the stack ${stack}, which an earlier run left behind\n`);
    const { dir } = synthName(stack, { outputDir: folder(), ...bootstrap });
    await destroyStack(api, { dir, stack, evenIfBusy: true });
  }
}
