import { deployStack, findLowConcurrency, isAppStopped, loadAppOperator, startApp } from "../../deploy/index.ts";
import type { BootstrapParams } from "../../model/bootstrap.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { Target } from "../arguments/target.ts";
import type { CommandContext } from "../kit/command.ts";
import { commandText } from "../kit/command-text.ts";
import { paint } from "../kit/io.ts";
import { writeNote, writeResult } from "../render/results.ts";
import { withAccount } from "./account.ts";
import { declined } from "./confirm.ts";
import { offerEnvironment } from "./deploy-environment.ts";
import { type Architecture, readParts } from "./parts.ts";

/** What to deploy on AWS. */
export interface DeployAppParams {
  readonly target: Target;
  readonly architecture: Architecture;
  /** Whether to deploy a missing environment without asking. */
  readonly yes: boolean;
  readonly bootstrap: BootstrapParams;
}

/** Deploys the App of a file on AWS. */
export async function deployApp(
  context: CommandContext,
  { target, architecture, yes, bootstrap }: DeployAppParams,
): Promise<number | void> {
  const { io, globals } = context;
  const { environment } = globals;
  const fromMs = performance.now();
  let parts!: ReturnType<typeof readParts>;
  await new Promise<void>((resolve, reject) => {
    parts = readParts(context, { target, architecture, onReading: resolve });
    parts.catch(reject);
  });
  // The AWS clients load from here on, while the child reads.
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    void loadAppOperator().catch(() => undefined);
    const { manifest, asset, stateDir } = await parts;
    const { cachedAssembly } = await import("../../synth/cached-assembly.ts");
    const { stack, dir } = await cachedAssembly({ environment, manifest, asset, architecture, stateDir, ...bootstrap });
    const notes = await notesOf(manifest, environment);
    // Only here: an App that is deployed unchanged has its environment.
    const onChange = async (): Promise<boolean> => {
      const lowConcurrency = findLowConcurrency(api);
      const goesOn = await offerEnvironment(context, { yes, bootstrap }, account);
      if (!goesOn) return false;
      tellNotes(context, target, notes);
      const concurrency = await lowConcurrency;
      if (concurrency !== undefined) onEvent({ code: "ACCOUNT_CONCURRENCY_LOW", concurrency });
      return true;
    };
    const stopped = isAppStopped(environment, manifest.name);
    // It is awaited only behind the deploy.
    stopped.catch(() => undefined);
    const { changed } = await account.working(stack, (onStart) => deployStack(api, { stack, dir, onEvent, onChange, onStart }));
    if (changed === null) return declined(context, "Not deployed.");
    const started = await stopped;
    if (started) await startApp({ environment, manifest, dir, stack });

    const app = manifest.name;
    const functions = Object.keys(manifest.functions);
    if (globals.json)
      return writeResult(context, { app, version: asset.version, changed, started, functions, environment, stack, notes: notes.asked });
    const seconds = ((performance.now() - fromMs) / 1_000).toFixed(1);
    const state = changed ? `${paint(io.out, "green", "deployed")} ${app} in ${seconds} s` : `${app} is deployed already, nothing changed`;
    if (started) io.out.write(`started ${app}, which was stopped\n`);
    io.out.write(`${state} (stack ${stack}, version ${asset.version.slice(0, 12)}, environment ${environment})\n`);
    tellCalls(context, "aws", app, functions);
    return undefined;
  });
}

/** Prints the command that calls each Function of a deployed App. */
export function tellCalls(context: CommandContext, backend: "local" | "aws", app: string, functions: readonly string[]): void {
  for (const name of functions)
    context.io.out.write(`  ${commandText(context, { command: "call", backend, words: [`${app}/${name}`] })}\n`);
}

// --- Internal helpers ---

/** What `tenon plan` knows of an App and the user who deploys it must know. */
interface Notes {
  /** Options of Functions that AWS does not keep: `alone: maxContainers 1 …`. */
  readonly asked: readonly string[];
  /** How many other differences there are. */
  readonly others: number;
}

async function notesOf(manifest: AppManifest, environment: string): Promise<Notes> {
  const { planApp } = await import("../../synth/app-plan.ts");
  const { functions, differences } = planApp(manifest, environment);
  return { asked: functions.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`)), others: differences.length };
}

function tellNotes(context: CommandContext, { typed }: Target, { asked, others }: Notes): void {
  for (const note of asked) writeNote(context, note);
  if (others === 0) return;
  const ways = others === 1 ? "one way" : `${others} ways`;
  const plan = commandText(context, { command: "plan", words: [typed] });
  writeNote(context, `AWS differs from this machine in ${ways}${asked.length > 0 ? " more" : ""}: ${plan}`);
}
