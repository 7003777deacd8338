import { withBackend } from "../../apps/backend.ts";
import { confirm, declined } from "../../apps/confirm.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./stop.ts";

/** `tenon app stop NAME`. */
export const run: CommandBody<typeof spec> = (context, { name }, flags) =>
  withBackend(context, flags, async (backend, where) => {
    const { io, globals } = context;
    const agreed = await confirm(context, flags.yes, async () => ({
      act: `stop the App "${name}" of ${await where()}`,
      effect: "Calls that run are cancelled.",
      hint: "Add --yes to stop it without a question.",
    }));
    if (!agreed) return declined(context, "Not stopped.");
    await backend.apps.stop(name);
    if (globals.json) return writeResult(context, { app: name, state: "stopped" });
    io.out.write(`stopped ${name}\n`);
    return undefined;
  });
