import type { CommandContext } from "../../kit/command.ts";
import { EXIT, UsageError } from "../../kit/failures.ts";
import { writeResult } from "../../render/results.ts";
import { connect } from "../../apps/backends.ts";

/** `tenon app stop NAME`. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number | void> {
  const { io, globals } = context;
  const name = args[0]!;
  const backend = await connect(context, flags);
  try {
    if (flags["yes"] !== true) {
      const answer = globals.json
        ? null
        : await io.ask(`Stop the App "${name}" of the environment "${globals.environment}"? What runs is cancelled. [y/N] `);
      if (answer === null)
        throw new UsageError(`nobody is there to confirm that "${name}" is to be stopped`, {
          hint: "Add --yes to stop it without being asked.",
        });
      if (!/^y(es)?$/i.test(answer.trim())) {
        io.err.write("Not stopped.\n");
        return EXIT.failure;
      }
    }
    await backend.apps.stop(name);
    if (globals.json) return writeResult(context, { app: name, state: "stopped" });
    io.out.write(`stopped ${name}\n`);
  } finally {
    await backend.close();
  }
}
