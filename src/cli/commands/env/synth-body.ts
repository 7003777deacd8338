import type { CommandBody } from "../../kit/command.ts";
import { writeNote, writeResult } from "../../render/results.ts";
import type { spec } from "./synth.ts";

/** `tenon env synth`. */
export const run: CommandBody<typeof spec> = async (context, _args, { output, protect, ...bootstrap }) => {
  const { io, globals } = context;
  const { environment } = globals;
  const { ENVIRONMENT_VERSION, synthEnvironment } = await import("../../../synth/index.ts");
  const { stack, dir } = synthEnvironment(environment, { outputDir: output, deletionProtection: protect, ...bootstrap });
  if (globals.json) return writeResult(context, { stack, dir, environment, version: ENVIRONMENT_VERSION, protected: protect });
  if (!protect) writeNote(context, "the data table is not protected from deletion in this stack: add --protect once it is deployed");
  io.out.write(`${stack} is in ${dir}\n`);
};
