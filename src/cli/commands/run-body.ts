import { loadApp, type LoadedApp } from "../apps/load-app.ts";
import { touch } from "../apps/places.ts";
import { withRunningApp } from "../apps/run-app.ts";
import { endOnStrayErrors } from "../apps/stray-errors.ts";
import { missingArgsNote, parseCallArgs } from "../arguments/call-args.ts";
import { chooseRunnable } from "../arguments/choose.ts";
import { entrypointHelp, functionHelp } from "../arguments/entrypoint-help.ts";
import { readEntrypoint } from "../arguments/read-entrypoint.ts";
import { parseTarget } from "../arguments/target.ts";
import type { CommandBody, CommandContext } from "../kit/command.ts";
import { UserFailure } from "../kit/failures.ts";
import { GLOBAL_FLAGS } from "../kit/globals.ts";
import { writeItems, writeNote, writeResult } from "../render/results.ts";
import { spec } from "./run.ts";

/** `tenon run file.ts[::name] [args…]`. */
export const run: CommandBody<typeof spec> = async (context, { target: typed, words }, { raw, aws, architecture, yes, ...bootstrap }) => {
  const target = parseTarget(typed);
  const loaded = await loadApp(target);
  const { name: app, entrypoints, functions } = loaded.app.toManifest();
  const offer = { app, entrypoints: Object.keys(entrypoints), functions: Object.keys(functions) };
  const { kind, name } = chooseRunnable(offer, target.typed, target.name);
  const line: Line = { command: `tenon run ${typed}`, words, raw };
  const job = kind === "entrypoint" ? await entrypointJob(loaded, name, line) : functionJob(context, loaded, name, line);
  if ("help" in job) return context.io.out.write(job.help);

  const endWatch = endOnStrayErrors(context, loaded.mapStack);
  const work = async (): Promise<void> => {
    try {
      await job.work();
    } catch (error) {
      throw new UserFailure(error, loaded.mapStack);
    }
  };
  try {
    if (!aws) {
      touch(context, "local");
      return await withRunningApp(context, loaded, work);
    }
    const { withAppOnAws } = await import("../apps/run-on-aws.ts");
    return await withAppOnAws(context, { loaded, architecture, yes, bootstrap, work });
  } finally {
    endWatch();
  }
};

// --- Internal helpers ---

/** What was typed behind Tenon's own flags. */
interface Line {
  /** Up to the file and the name. */
  readonly command: string;
  readonly words: readonly string[];
  readonly raw: boolean;
}

type Job = { readonly help: string } | { readonly work: () => Promise<void> };

/** A Function whose types are not known here. */
interface Callable {
  readonly local: { readonly length: number };
  remote(...args: readonly unknown[]): Promise<unknown>;
  remoteGen(...args: readonly unknown[]): AsyncIterable<unknown>;
}

async function entrypointJob({ app }: LoadedApp, name: string, { command, words }: Line): Promise<Job> {
  const entrypoint = app.entrypoints.get(name)!;
  const { positionals } = entrypoint.spec;
  const found = await readEntrypoint(entrypoint, words, { ...spec.flags, ...GLOBAL_FLAGS });
  if ("help" in found) return { help: entrypointHelp({ command, app: app.name, entrypoint: name, flags: found.help, positionals }) };
  return { work: async () => void (await entrypoint.handler(found.argument)) };
}

function functionJob(context: CommandContext, { app }: LoadedApp, name: string, { command, words, raw }: Line): Job {
  const declared = app.toManifest().functions[name]!;
  const { args, help } = parseCallArgs(words, raw);
  if (help) return { help: functionHelp(command, app.name, declared) };
  const handle = app.functions.get(name) as unknown as Callable;
  const note = missingArgsNote(name, handle.local, args.length);
  if (note !== undefined) writeNote(context, note);
  return {
    work: async () => {
      if (declared.kind === "generator") await writeItems(context, handle.remoteGen(...args));
      else writeResult(context, await handle.remote(...args));
    },
  };
}
