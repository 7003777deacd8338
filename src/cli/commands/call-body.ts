import { withBackend } from "../apps/backend.ts";
import { notingStop } from "../apps/stopped-app.ts";
import { parseCallArg } from "../arguments/call-args.ts";
import type { CommandBody, CommandContext } from "../kit/command.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import { UsageError, UserFailure } from "../kit/failures.ts";
import type { FlagsOf } from "../kit/flags.ts";
import { chooseBackend } from "../kit/place.ts";
import { writeItems, writeResult } from "../render/results.ts";
import type { spec } from "./call.ts";

/** `tenon call app/function [args…]`, and `tenon call --get fc-…`. */
export const run: CommandBody<typeof spec> = async (context, { address, values }, flags) => {
  const { Client, FunctionCall } = await import("../../index.ts");
  const client = new Client({ backend: chooseBackend(flags, context.io.env), environment: context.globals.environment });
  const release = context.interruption.hold(client);
  try {
    if (flags.get) {
      const call = FunctionCall.fromId(checkCallId(address, values), { client });
      await show(context, () => call.get());
    } else await notingStop(context, flags, address.split("/")[0] ?? "", () => callFunction({ context, client, flags }, address, values));
  } finally {
    await client.close();
    release();
  }
};

// --- Internal helpers ---

interface Caller {
  readonly context: CommandContext;
  readonly client: InstanceType<typeof import("../../index.ts").Client>;
  readonly flags: FlagsOf<(typeof spec)["flags"]>;
}

async function callFunction({ context, client, flags }: Caller, address: string, texts: readonly string[]): Promise<void> {
  const [app, name] = parseAddress(address);
  const args = texts.map((text) => parseCallArg(text, flags.raw));
  const { RemoteFunction } = await import("../../index.ts");
  const kind = await kindOf(context, flags, app, name);
  const handle = RemoteFunction.fromName<(...args: unknown[]) => Promise<unknown>>(app, name, { client });
  if (flags.spawn) {
    const { functionCallId } = await handle.spawn(...args);
    writeResult(context, context.globals.json ? { functionCallId } : functionCallId);
  } else if (kind === "generator") {
    const items = RemoteFunction.fromName<(...args: unknown[]) => AsyncGenerator<unknown>>(app, name, { client }).remoteGen(...args);
    await ofUser(() => writeItems(context, items));
  } else await show(context, () => handle.remote(...args));
}

/** Whether it is a generator. Rejects with `NotFoundError` and the App's Functions when it is none of them. */
function kindOf(context: CommandContext, flags: Caller["flags"], app: string, name: string): Promise<"function" | "generator"> {
  return withBackend(context, flags, async (backend) => {
    const { functions } = await backend.apps.manifest(app);
    if (Object.hasOwn(functions, name)) return functions[name]!.kind;
    throw functionNotFound({ app, name }, { known: Object.keys(functions) });
  });
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
  if (parts.length === 2 && !parts.includes("")) return parts as [string, string];
  throw new UsageError(`Not the address of a Function: "${text}". It must be app/function.`, { hint: "Write it like wordcount/count." });
}

function checkCallId(text: string, rest: readonly string[]): string {
  if (!text.includes("/") && rest.length === 0) return text;
  throw new UsageError(`Not a call's id: "${[text, ...rest].join(" ")}". --get takes one id.`, {
    hint: "Write tenon call --get fc-…, with the id that --spawn printed, or the functionCallId of what spawn gave to a program.",
  });
}
