import { withBackend } from "../../apps/backend.ts";
import type { CommandBody } from "../../kit/command.ts";
import { commandText } from "../../kit/command-text.ts";
import { formatDate } from "../../render/format-value.ts";
import { formatTable, writeEach } from "../../render/results.ts";
import { type ObjectKind, objectJson } from "./kind.ts";
import type { listSpec } from "./specs.ts";

/** `tenon <noun> list`. */
export const listBody =
  (kind: ObjectKind): CommandBody<ReturnType<typeof listSpec>> =>
  (context, _args, flags) =>
    withBackend(context, flags, async (backend, where) => {
      const { io, globals } = context;
      const found = await kind.port(backend).list({ maxObjects: flags.maxItems });
      if (globals.json) return writeEach(context, found.map(objectJson));
      if (found.length === 0) {
        const create = commandText(context, { command: `${kind.noun} create`, backend: backend.kind, words: ["NAME"] });
        return io.err.write(`There is no ${kind.word} in ${await where()}. To create one: ${create}\n`);
      }
      const rows = found.map(({ name, createdAtMs, createdBy }) => [name, formatDate(createdAtMs), createdBy ?? "-"]);
      io.out.write(formatTable(["NAME", "CREATED (UTC)", "BY"], rows));
    });
