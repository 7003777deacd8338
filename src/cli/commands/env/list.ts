import { listEnvironments } from "../../../deploy/index.ts";
import { withAccount } from "../../apps/account.ts";
import type { CommandContext } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import { formatTable } from "../../render/table.ts";

/** `tenon env list`. */
export async function run(context: CommandContext): Promise<void> {
  const { io, globals } = context;
  const found = await withAccount(context, ({ api }) => listEnvironments(api));
  if (globals.json) return writeResult(context, found);
  if (found.length === 0) return io.err.write("No environment is deployed in this account and region: tenon env deploy\n");
  io.out.write(
    formatTable(
      ["ENVIRONMENT", "VERSION", "APPS"],
      found.map(({ name, version, apps }) => [name, version === null ? "-" : String(version), apps.join(", ") || "-"]),
    ),
  );
}
