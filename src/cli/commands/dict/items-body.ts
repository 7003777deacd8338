import { decode } from "../../../wire/codec.ts";
import type { DictPort } from "../../../ports/dict.ts";
import type { ObjectRef } from "../../../ports/named-objects.ts";
import type { CommandBody } from "../../kit/command.ts";
import { UsageError } from "../../kit/failures.ts";
import { formatCell } from "../../render/format-value.ts";
import { formatTable, writeNote, writeResult } from "../../render/results.ts";
import { type spec, USUALLY_LISTED } from "./items.ts";
import { withDict } from "./with-dict.ts";

/** `tenon dict items NAME`. */
export const run: CommandBody<typeof spec> = async (context, { name }, flags) => {
  if (flags.all && flags.maxItems !== undefined)
    throw new UsageError("Both --all and --max-items are given. The command lists all pairs, or at most so many.", {
      hint: "Leave one of them out.",
    });
  return withDict({ context, flags, name }, async (port, ref) => {
    const { io, globals } = context;
    const most = flags.all ? Number.POSITIVE_INFINITY : (flags.maxItems ?? USUALLY_LISTED);
    const rows: [string, string][] = [];
    let count = 0;
    for await (const { key, value } of pairs(port, ref)) {
      if (++count > most) {
        writeNote(context, `There are more than ${most} pairs. Add --all to list all of them.`);
        break;
      }
      if (globals.json) writeResult(context, { key: key ?? null, value: value ?? null });
      else rows.push([formatCell(key), formatCell(value)]);
    }
    if (globals.json) return;
    if (rows.length === 0) return io.err.write(`The Dict ${name} is empty.\n`);
    io.out.write(formatTable(["KEY", "VALUE"], rows));
  });
};

// --- Internal helpers ---

async function* pairs(port: DictPort, ref: ObjectRef): AsyncGenerator<{ readonly key: unknown; readonly value: unknown }> {
  for await (const page of port.entries(ref)) for (const { key, value } of page) yield { key: decode(key), value: decode(value) };
}
