import { encode } from "../../../wire/codec.ts";
import { encodeKey } from "../../../wire/key.ts";
import { showValue } from "../../../util/show-value.ts";
import { parseCallArg } from "../../arguments/call-args.ts";
import type { CommandBody } from "../../kit/command.ts";
import { EXIT } from "../../kit/failures.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./put.ts";
import { withDict } from "./with-dict.ts";

/** `tenon dict put NAME KEY VALUE`. */
export const run: CommandBody<typeof spec> = (context, { name, key: typedKey, value: typedValue }, flags) =>
  withDict({ context, flags, name }, async (port, ref) => {
    const { io, globals } = context;
    const key = parseCallArg(typedKey, flags.raw);
    const value = parseCallArg(typedValue, flags.raw);
    const written = await port.put(ref, encodeKey(key), encode(value), { skipIfExists: flags.skipIfExists });
    if (globals.json) writeResult(context, { written });
    else if (written) io.out.write(`put ${showValue(key)} into the Dict ${name}\n`);
    else io.err.write(`Not written: ${showValue(key)} is there already.\n`);
    return written ? EXIT.ok : EXIT.failure;
  });
