import type { CommandContext } from "../kit/command.ts";
import { parseCallArg } from "../arguments/call-args.ts";
import { UsageError, UserFailure } from "../kit/failures.ts";
import { writeItems, writeResult } from "../render/results.ts";
import { chooseBackend, connect } from "../apps/backends.ts";

type Flags = Readonly<Record<string, unknown>>;

/** `tenon call app/function [args…]`, and `tenon call --get fc-…`. */
export async function run(context: CommandContext, words: readonly string[], flags: Flags): Promise<void> {
  const [address = "", ...texts] = words;
  const backend = chooseBackend(flags, context.io.env);
  const { Client, FunctionCall } = await import("../../index.ts");
  const client = new Client({ backend: backend, environment: context.globals.environment });
  const release = context.interruption.hold(client);
  try {
    if (flags["get"] === true) {
      const call = FunctionCall.fromId(checkCallId(address, texts), { client });
      await show(context, () => call.get());
    } else await callFunction(context, client, address, texts, flags);
  } finally {
    await client.close();
    release();
  }
}

async function callFunction(
  context: CommandContext,
  client: InstanceType<typeof import("../../index.ts").Client>,
  address: string,
  texts: readonly string[],
  flags: Flags,
): Promise<void> {
  const [app, name] = parseAddress(address);
  const args = texts.map((text) => parseCallArg(text, flags["raw"] === true));
  const { RemoteFunction } = await import("../../index.ts");
  const kind = await kindOf(context, flags, app, name);
  const handle = RemoteFunction.fromName<(...args: unknown[]) => Promise<unknown>>(app, name, { client });
  if (flags["spawn"] === true) {
    const { functionCallId } = await handle.spawn(...args);
    writeResult(context, context.globals.json ? { functionCallId } : functionCallId);
  } else if (kind === "generator") {
    const items = RemoteFunction.fromName<(...args: unknown[]) => AsyncGenerator<unknown>>(app, name, { client }).remoteGen(...args);
    await ofUser(() => writeItems(context, items));
  } else await show(context, () => handle.remote(...args));
}

/** Whether it is a generator. Throws `UsageError` with the App's Functions when it is none of them. */
async function kindOf(context: CommandContext, flags: Flags, app: string, name: string): Promise<"function" | "generator"> {
  const backend = await connect(context, flags);
  try {
    const { functions } = await backend.apps.manifest(app);
    if (Object.hasOwn(functions, name)) return functions[name]!.kind;
    throw new UsageError(`the App "${app}" has no Function "${name}"`, { hint: `It has ${Object.keys(functions).join(", ") || "none"}.` });
  } finally {
    await backend.close();
  }
}

async function show(context: CommandContext, work: () => Promise<unknown>): Promise<void> {
  writeResult(context, await ofUser(work));
}

async function ofUser<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
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

function checkCallId(text: string, rest: readonly string[]): string {
  if (text.includes("/") || rest.length > 0)
    throw new UsageError(`--get takes one call id, got "${[text, ...rest].join(" ")}"`, {
      hint: "Write tenon call --get fc-…, the id that --spawn printed, or the id that a program chose.",
    });
  return text;
}
