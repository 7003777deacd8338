import { confirm, declined } from "../../apps/confirm.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./clear.ts";
import { withDict } from "./with-dict.ts";

/** `tenon dict clear NAME`. */
export const run: CommandBody<typeof spec> = (context, { name }, flags) =>
  withDict({ context, flags, name }, async (port, ref, where) => {
    const { io, globals } = context;
    const agreed = await confirm(context, flags.yes, async () => ({
      act: `clear the Dict "${name}" of ${await where()}`,
      effect: "All of its pairs are lost for good.",
      hint: "Add --yes to clear it without a question.",
    }));
    if (!agreed) return declined(context, "Not cleared.");
    await port.clear(ref);
    if (globals.json) return writeResult(context, { name, state: "cleared" });
    io.out.write(`cleared the Dict ${name} (environment ${globals.environment})\n`);
    return undefined;
  });
