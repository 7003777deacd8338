import { withBackend } from "../../apps/backend.ts";
import type { CommandBody } from "../../kit/command.ts";
import { commandText } from "../../kit/command-text.ts";
import { formatDate } from "../../render/format-value.ts";
import { formatTable, writeEach } from "../../render/results.ts";
import type { spec } from "./list.ts";

/** `tenon app list`. */
export const run: CommandBody<typeof spec> = (context, _args, flags) =>
  withBackend(context, flags, async (backend) => {
    const { io, globals } = context;
    const apps = await backend.apps.list();
    if (globals.json) return writeEach(context, apps);
    if (apps.length === 0) {
      const deploy = commandText(context, { command: "deploy", backend: backend.kind, words: ["app.ts"] });
      return io.err.write(`No App is deployed or running in environment "${globals.environment}". To deploy one: ${deploy}\n`);
    }
    const rows = apps.map(({ name, state, version, sinceMs, functions }) => [
      name,
      state,
      version.slice(0, 12),
      formatDate(sinceMs),
      functions.join(", "),
    ]);
    io.out.write(formatTable(["NAME", "STATE", "VERSION", "SINCE (UTC)", "FUNCTIONS"], rows));
  });
