import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./synth.ts";

/** `tenon env synth`. */
export const run: CommandBody<typeof spec> = async (context, _args, { output }) => {
  const { io, globals } = context;
  const { environment } = globals;
  const { ENVIRONMENT_VERSION, synthEnvironment } = await import("../../../synth/index.ts");
  const { stack, dir } = synthEnvironment(environment, { outputDir: output });
  if (globals.json) return writeResult(context, { stack, dir, environment, version: ENVIRONMENT_VERSION });
  io.out.write(`${stack} is in ${dir}\n`);
};
