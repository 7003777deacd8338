import { decode } from "../../../wire/codec.ts";
import { encodeKey } from "../../../wire/key.ts";
import { NotFoundError } from "../../../model/errors.ts";
import { showValue } from "../../../util/show-value.ts";
import { parseCallArg } from "../../arguments/call-args.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import { objectCommand } from "../objects/hints.ts";
import { withDict } from "./with-dict.ts";
import type { spec } from "./get.ts";

/** `tenon dict get NAME KEY`. */
export const run: CommandBody<typeof spec> = (context, { name, key: typed }, flags) =>
  withDict({ context, flags, name }, async (port, ref, _where, hints) => {
    const key = parseCallArg(typed, flags.raw);
    const found = await port.get(ref, encodeKey(key));
    if (found !== undefined) return writeResult(context, decode(found));
    const isText = typeof key === "string" || flags.raw;
    throw new NotFoundError(`The Dict "${name}" has no such key: ${showValue(key)}.`, {
      hint: `Run ${objectCommand(context, hints, "items")} to see its keys${isText ? "" : ", or add --raw for the text"}.`,
    });
  });
