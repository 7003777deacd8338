import { withBackend } from "../../apps/backend.ts";
import { parseSince } from "../../arguments/since.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeRecord } from "../../render/render-events.ts";
import type { spec } from "./logs.ts";

/** `tenon app logs NAME`. With `--json` each record is one JSON line on stdout: here the log is the result. */
export const run: CommandBody<typeof spec> = async (context, { name }, flags) => {
  const sinceMs = flags.since === undefined ? undefined : parseSince(flags.since, Date.now());
  return withBackend(context, flags, async (backend) => {
    const { io, globals, interruption } = context;
    const { tail, follow, function: fn, call } = flags;
    for await (const record of backend.apps.logs(name, { tail, sinceMs, follow, fn, call, signal: interruption.signal })) {
      if (globals.json) io.out.write(`${JSON.stringify(record)}\n`);
      else writeRecord(io, record);
    }
  });
};
