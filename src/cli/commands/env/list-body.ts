import { listEnvironments } from "../../../deploy/index.ts";
import { refuseLocal, withAccount } from "../../apps/account.ts";
import type { CommandBody } from "../../kit/command.ts";
import { commandText } from "../../kit/command-text.ts";
import { formatTable, writeResult } from "../../render/results.ts";
import type { spec } from "./list.ts";

/** `tenon env list`. */
export const run: CommandBody<typeof spec> = async (context, _args, flags) => {
  const { io, globals } = context;
  refuseLocal(context, flags);
  const found = await withAccount(context, ({ api }) => listEnvironments(api));
  if (globals.json) return writeResult(context, found);
  if (found.length === 0) {
    const deploy = commandText(context, { command: "env deploy", backend: "aws", usual: "aws" });
    return io.err.write(`No environment is deployed in this account and region. To deploy one: ${deploy}\n`);
  }
  const rows = found.map(({ name, version, apps }) => [name, version === null ? "-" : String(version), apps.join(", ") || "-"]);
  io.out.write(formatTable(["ENVIRONMENT", "VERSION", "APPS"], rows));
};
