import { withBackend } from "../../apps/backend.ts";
import { confirm, declined } from "../../apps/confirm.ts";
import { commandText } from "../../kit/command-text.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./stop.ts";

/** `tenon app stop NAME`. */
export const run: CommandBody<typeof spec> = (context, { name }, flags) =>
  withBackend(context, flags, async (backend, where) => {
    const { io, globals } = context;
    const agreed = await confirm(context, flags.yes, async () => ({
      act: `stop the App "${name}" of ${await where()}`,
      effect: EFFECTS[backend.kind === "aws" ? "aws" : "local"],
      hint: "Add --yes to stop it without a question.",
    }));
    if (!agreed) return declined(context, "Not stopped.");
    const { stopped, goesOn } = await backend.apps.stop(name);
    if (globals.json) return writeResult(context, { app: name, state: "stopped", stopped, goesOn });
    io.out.write(`stopped ${name}\n`);
    for (const part of stopped) io.out.write(`  stopped: ${part}\n`);
    for (const part of goesOn) io.out.write(`  not stopped: ${part}\n`);
    const words = ["file.ts"];
    if (backend.kind === "aws")
      io.out.write(`  to start it again: ${commandText(context, { command: "deploy", backend: "aws", usual: "aws", words })}\n`);
    return undefined;
  });

// --- Internal helpers ---

/** What the command does, for the question before it. */
const EFFECTS = {
  aws: "No call starts any more; calls that run go on to their end, and what is queued waits.",
  local: "Calls that run are cancelled.",
} as const;
