import { readParts } from "../apps/parts.ts";
import { parseAppTarget } from "../arguments/target.ts";
import type { CommandBody } from "../kit/command.ts";
import { writeNote, writeResult } from "../render/results.ts";
import type { spec } from "./synth.ts";

/** `tenon synth file.ts`. The user's code is read in a child of its own, never here. */
export const run: CommandBody<typeof spec> = async (context, { file }, { output, parts, architecture, ...bootstrap }) => {
  const { io, globals } = context;
  const { environment } = globals;
  const { manifest, asset } = await readParts(context, { target: parseAppTarget(file, "synth"), architecture });
  if (parts) return writeResult(context, { manifest, asset });
  const { planApp } = await import("../../synth/app-plan.ts");
  const { synthApp } = await import("../../synth/index.ts");
  const { stack, dir } = synthApp({ environment, manifest, asset, architecture }, { outputDir: output, ...bootstrap });

  const { functions } = planApp(manifest, environment);
  const notes = functions.flatMap(({ name, notes: each }) => each.map((note) => `${name}: ${note}`));
  if (globals.json) return writeResult(context, { stack, dir, app: manifest.name, version: asset.version, environment, notes });
  for (const note of notes) writeNote(context, note);
  io.out.write(`${stack} is in ${dir}\n`);
};
