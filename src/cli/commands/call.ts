import type { CommandContext } from "../core/command.ts";
import { parseCallArg } from "../core/call-args.ts";
import { UsageError, UserFailure } from "../core/failures.ts";
import { writeItems, writeResult } from "../core/results.ts";
import { chooseWorld, connect } from "../core/worlds.ts";

/** `tenon call app/function [args…]`. */
export async function run(context: CommandContext, words: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<void> {
  const [address = "", ...texts] = words;
  const [app, name] = parseAddress(address);
  const args = texts.map((text) => parseCallArg(text, flags["raw"] === true));
  const world = chooseWorld(flags, context.io.env);
  const backend = await connect(context, flags);
  const { Client, RemoteFunction } = await import("../../index.ts");
  const client = new Client({ backend: world, environment: context.globals.environment });
  context.interruption.hold(client);
  try {
    const manifest = await backend.apps.manifest(app);
    const spec = manifest.functions[name];
    if (spec === undefined) {
      throw new UsageError(`the App "${app}" has no Function "${name}"`, {
        hint: `It has ${Object.keys(manifest.functions).join(", ") || "none"}.`,
      });
    }
    const handle = RemoteFunction.fromName<(...args: unknown[]) => unknown>(app, name, { client });
    await perform(context, handle, spec.kind, args, flags["spawn"] === true);
  } finally {
    await client.close();
    await backend.close();
  }
}

interface Callable {
  remote(...args: unknown[]): Promise<unknown>;
  remoteGen(...args: unknown[]): AsyncIterable<unknown>;
  spawn(...args: unknown[]): Promise<{ readonly callId: string }>;
}

async function perform(
  context: CommandContext,
  handle: Callable,
  kind: "function" | "generator",
  args: unknown[],
  spawn: boolean,
): Promise<void> {
  try {
    if (spawn) {
      const { callId } = await handle.spawn(...args);
      return writeResult(context, context.globals.json ? { callId } : callId);
    }
    if (kind === "generator") return await writeItems(context, handle.remoteGen(...args));
    writeResult(context, await handle.remote(...args));
  } catch (error) {
    throw new UserFailure(error);
  }
}

function parseAddress(text: string): [app: string, name: string] {
  const parts = text.split("/");
  if (parts.length !== 2 || parts.includes(""))
    throw new UsageError(`"${text}" is no address of a Function`, { hint: "Write app/function, such as wordcount/count." });
  return parts as [string, string];
}
