import { withBackend } from "../../apps/backend.ts";
import { confirm, declined } from "../../apps/confirm.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import { checkObjectName, type ObjectKind } from "./kind.ts";
import type { deleteSpec } from "./specs.ts";

/** `tenon <noun> delete NAME`. */
export const deleteBody =
  (kind: ObjectKind): CommandBody<ReturnType<typeof deleteSpec>> =>
  (context, { name: typed }, flags) => {
    const name = checkObjectName(kind, typed);
    return withBackend(context, flags, async (backend, where) => {
      const { io, globals } = context;
      const port = kind.port(backend);
      // A question about something that is not there would be answered for nothing.
      if (!flags.yes && !flags.allowMissing) await port.open(name);
      const agreed = await confirm(context, flags.yes, async () => ({
        act: `delete the ${kind.word} "${name}" of ${await where()}`,
        effect: "Everything in it is lost for good.",
        hint: "Add --yes to delete it without a question.",
      }));
      if (!agreed) return declined(context, "Not deleted.");
      await port.delete(name, { allowMissing: flags.allowMissing });
      if (globals.json) return writeResult(context, { name, state: "deleted" });
      io.out.write(`deleted the ${kind.word} ${name} (environment ${globals.environment})\n`);
      return undefined;
    });
  };
