import { withBackend } from "../../apps/backend.ts";
import { confirm, declined } from "../../apps/confirm.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import { nothingToDeleteHint, withHint } from "./hints.ts";
import { checkObjectName, type ObjectKind, unlessMissing } from "./kind.ts";
import type { deleteSpec } from "./specs.ts";

/** `tenon <noun> delete NAME`. */
export const deleteBody =
  (kind: ObjectKind): CommandBody<ReturnType<typeof deleteSpec>> =>
  (context, { name: typed }, flags) => {
    const name = checkObjectName(kind, typed);
    return withBackend(context, flags, async (backend, where) => {
      const { io, globals } = context;
      const port = kind.port(backend);
      const found = withHint(port.open(name), () => nothingToDeleteHint(context, { kind, backend, name }));
      // A question about something that is not there would be answered for nothing.
      if ((await (flags.allowMissing ? found.catch(unlessMissing) : found)) === undefined) {
        if (globals.json) return writeResult(context, { name, state: "missing" });
        return io.out.write(`there was no ${kind.word} ${name} (environment ${globals.environment})\n`);
      }
      const agreed = await confirm(context, flags.yes, async () => ({
        act: `delete the ${kind.word} "${name}" of ${await where()}`,
        effect: "Everything in it is lost for good.",
        hint: "Add --yes to delete it without a question.",
      }));
      if (!agreed) return declined(context, "Not deleted.");
      const deleted = port.delete(name, { allowMissing: flags.allowMissing });
      await withHint(deleted, () => nothingToDeleteHint(context, { kind, backend, name }));
      if (globals.json) return writeResult(context, { name, state: "deleted" });
      io.out.write(`deleted the ${kind.word} ${name} (environment ${globals.environment})\n`);
      return undefined;
    });
  };
