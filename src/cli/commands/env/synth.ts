import type { CommandContext } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";

/** `tenon env synth`. */
export async function run(context: CommandContext, _args: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { io, globals } = context;
  const { ENVIRONMENT_VERSION, synthEnvironment } = await import("../../../synth/index.ts");
  const { stack, dir } = synthEnvironment(globals.environment, { outputDir: flags["output"] as string | undefined });
  if (globals.json) return writeResult(context, { stack, dir, environment: globals.environment, version: ENVIRONMENT_VERSION });
  io.out.write(`${stack} is in ${dir}\n`);
}
