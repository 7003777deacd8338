import type { CommandContext } from "../../kit/command.ts";
import { UsageError } from "../../kit/failures.ts";
import { writeRecord } from "../../render/render-events.ts";
import { connect } from "../../apps/backends.ts";
import { showNumber } from "../../../util/show-value.ts";

const MAX_TAIL = 20_000;

/** `tenon app logs NAME`. With `--json` each record is one JSON line on stdout: here the log is the result. */
export async function run(context: CommandContext, args: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { io, globals, interruption } = context;
  const tail = parseTail(String(flags["tail"]));
  const query = {
    tail,
    follow: flags["follow"] === true,
    fn: flags["function"] as string | undefined,
    call: flags["call"] as string | undefined,
    signal: interruption.signal,
  };
  const backend = await connect(context, flags);
  try {
    for await (const record of backend.apps.logs(args[0]!, query)) {
      if (globals.json) io.out.write(`${JSON.stringify(record)}\n`);
      else writeRecord(io, record);
    }
  } finally {
    await backend.close();
  }
}

function parseTail(text: string): number {
  const tail = Number(text);
  if (!Number.isInteger(tail) || tail < 0 || tail > MAX_TAIL || text.trim() === "") {
    throw new UsageError(`--tail is "${text}", it must be a whole number from 0 to ${showNumber(MAX_TAIL)}`, {
      hint: "Write --tail 100, or leave it out for the newest 100 lines.",
    });
  }
  return tail;
}
