import type { CommandContext } from "../core/command.ts";
import type { RunnableFunction } from "../core/apps.ts";
import { parseCallArgs } from "../core/call-args.ts";
import { chooseRunnable } from "../core/choose.ts";
import { flagName, parseEntrypointArgs } from "../core/entrypoint-flags.ts";
import { entrypointHelp, functionHelp } from "../core/entrypoint-help.ts";
import { UserFailure } from "../core/failures.ts";
import type { LoadedApp } from "../core/load-app.ts";
import { loadApp } from "../core/load-app.ts";
import { createEventRenderer } from "../core/render-events.ts";
import { renderError } from "../core/render-error.ts";
import { writeItems, writeResult } from "../core/results.ts";
import { parseRawFlags, validateFlags } from "../core/schema-flags.ts";
import { parseTarget } from "../core/target.ts";

type Job = { readonly help: string } | { readonly work: () => Promise<void> };

/** `tenon run file.ts[::name] [args…]`. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number | void> {
  const { io, globals, interruption } = context;
  const [typed = "", ...words] = args;
  const target = parseTarget(typed);
  const stopWatching = endOnStrayErrors(context);
  const loaded = await loadApp(target);
  const manifest = loaded.app.toManifest();
  const offer = { app: manifest.name, entrypoints: Object.keys(manifest.entrypoints), functions: Object.keys(manifest.functions) };
  const choice = chooseRunnable(offer, target.typed, target.name);
  const command = `tenon run ${typed}`;
  const job =
    choice.kind === "entrypoint"
      ? await entrypointJob(loaded, choice.name, words, command)
      : functionJob(context, loaded, choice.name, words, command, flags["raw"] === true);
  if ("help" in job) return io.out.write(job.help);

  const renderer = createEventRenderer(io, globals);
  const { bundle } = loaded;
  renderer.onEvent({
    code: "BUNDLE_READY",
    app: manifest.name,
    version: bundle.version,
    cached: bundle.cached,
    durationMs: bundle.durationMs,
  });
  const running = await loaded.app.run({ environment: globals.environment, onEvent: renderer.onEvent, bundle });
  const release = interruption.hold(running);
  try {
    await job.work();
  } catch (error) {
    throw new UserFailure(error, loaded.mapStack);
  } finally {
    renderer.end();
    await running.close();
    release();
    stopWatching();
  }
}

async function entrypointJob(loaded: LoadedApp, name: string, words: readonly string[], command: string): Promise<Job> {
  const { spec, schema, handler } = loaded.app.entrypoints.get(name)!;
  const parsed = schema === undefined ? parseEntrypointArgs(words, spec) : parseRawFlags(words);
  if (parsed.help) return { help: entrypointHelp(command, loaded.app.name, spec, schema !== undefined) };
  const given = { ...parsed.values, ...(spec.positionals === null ? {} : { positionals: parsed.positionals }) };
  const input = schema === undefined ? given : ((await validateFlags(given, schema, flagName)) as object);
  return { work: async () => void (await handler(input)) };
}

function functionJob(
  context: CommandContext,
  loaded: LoadedApp,
  name: string,
  words: readonly string[],
  command: string,
  raw: boolean,
): Job {
  const spec = loaded.app.toManifest().functions[name]!;
  const { args, help } = parseCallArgs(words, raw);
  if (help) return { help: functionHelp(command, loaded.app.name, spec) };
  const handle = loaded.app.functions.get(name) as RunnableFunction;
  return {
    work: async () => {
      if (spec.kind === "generator") await writeItems(context, handle.remoteGen(...args));
      else writeResult(context, await handle.remote(...args));
    },
  };
}

/** What the user's code throws where nobody awaits it ends the run as a failure of that code. */
function endOnStrayErrors(context: CommandContext): () => void {
  const fail = (error: unknown): void => {
    if (context.interruption.signal.aborted) return;
    context.interruption.stop(renderError(context.io, new UserFailure(error), context.globals));
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  return () => {
    process.off("uncaughtException", fail);
    process.off("unhandledRejection", fail);
  };
}
