import type { CommandContext } from "../../kit/command.ts";
import { formatJson } from "../../render/format-value.ts";
import { formatTable } from "../../render/table.ts";
import { connect } from "../../apps/backends.ts";

/** `tenon app list`. */
export async function run(context: CommandContext, _args: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { io, globals } = context;
  const backend = await connect(context, flags);
  try {
    const apps = await backend.apps.list();
    if (globals.json) return apps.forEach((app) => io.out.write(`${formatJson(app)}\n`));
    if (apps.length === 0)
      return io.err.write(
        `No App is deployed or running in the environment "${globals.environment}". Deploy one: tenon deploy --local app.ts\n`,
      );
    const rows = apps.map((app) => [
      app.name,
      app.state,
      app.version.slice(0, 12),
      new Date(app.sinceMs).toISOString().slice(0, 19).replace("T", " "),
      app.functions.join(", "),
    ]);
    io.out.write(formatTable(["NAME", "STATE", "VERSION", "SINCE (UTC)", "FUNCTIONS"], rows));
  } finally {
    await backend.close();
  }
}
