import type { CommandContext } from "../kit/command.ts";
import { parseCallArgs } from "../arguments/call-args.ts";
import { chooseRunnable } from "../arguments/choose.ts";
import { flagName, parseEntrypointArgs } from "../arguments/entrypoint-flags.ts";
import { entrypointHelp, functionHelp } from "../arguments/entrypoint-help.ts";
import { UsageError, UserFailure } from "../kit/failures.ts";
import type { LoadedApp } from "../apps/load-app.ts";
import { loadApp } from "../apps/load-app.ts";
import { endOnStrayErrors } from "../kit/stray-errors.ts";
import { withRunningApp } from "../apps/run-app.ts";
import { writeItems, writeResult } from "../render/results.ts";
import { parseRawFlags, validateFlags } from "../arguments/schema-flags.ts";
import { parseTarget } from "../kit/target.ts";

/** A Function whose types are not known here. */
interface Callable {
  remote(...args: readonly unknown[]): Promise<unknown>;
  remoteGen(...args: readonly unknown[]): AsyncIterable<unknown>;
}

type Job = { readonly help: string } | { readonly work: () => Promise<void> };

/** `tenon run file.ts[::name] [args…]`. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number | void> {
  const [typed = "", ...words] = args;
  const target = parseTarget(typed);
  const loaded = await loadApp(target);
  const { name: app, entrypoints, functions } = loaded.app.toManifest();
  const offer = { app, entrypoints: Object.keys(entrypoints), functions: Object.keys(functions) };
  const { kind, name } = chooseRunnable(offer, target.typed, target.name);
  const command = `tenon run ${typed}`;
  const job =
    kind === "entrypoint"
      ? await entrypointJob(loaded, name, words, command)
      : functionJob(context, loaded, name, words, command, flags["raw"] === true);
  if ("help" in job) return context.io.out.write(job.help);

  const endWatch = endOnStrayErrors(context, loaded.mapStack);
  try {
    const work = async (): Promise<void> => {
      try {
        await job.work();
      } catch (error) {
        throw new UserFailure(error, loaded.mapStack);
      }
    };
    if (flags["aws"] !== true) return await withRunningApp(context, loaded, work);
    const { withAppOnAws } = await import("../apps/run-on-aws.ts");
    return await withAppOnAws(context, flags, loaded, work);
  } finally {
    endWatch();
  }
}

async function entrypointJob(loaded: LoadedApp, name: string, words: readonly string[], command: string): Promise<Job> {
  const { spec, schema, handler } = loaded.app.entrypoints.get(name)!;
  const parsed = schema === undefined ? parseEntrypointArgs(words, spec) : parseRawFlags(words);
  if (parsed.help) return { help: entrypointHelp(command, loaded.app.name, spec, schema !== undefined) };
  if (schema !== undefined && spec.positionals === null && parsed.positionals.length > 0) {
    throw new UsageError(`unexpected argument "${parsed.positionals[0]}": this entrypoint takes flags only`, {
      hint: "Write --name value, or --name=value.",
    });
  }
  const flags = schema === undefined ? parsed.values : ((await validateFlags(parsed.values, schema, flagName)) as object);
  const argument = spec.positionals === null ? flags : { ...flags, positionals: [...parsed.positionals] };
  return { work: async () => void (await handler(argument)) };
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
  const handle = loaded.app.functions.get(name) as unknown as Callable;
  return {
    work: async () => {
      if (spec.kind === "generator") await writeItems(context, handle.remoteGen(...args));
      else writeResult(context, await handle.remote(...args));
    },
  };
}
