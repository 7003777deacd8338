import type { CommandContext } from "../kit/command.ts";
import { UsageError } from "../kit/failures.ts";
import { writeResult } from "../render/results.ts";
import { readParts } from "../apps/parts.ts";
import { parseTarget } from "../kit/target.ts";

/** `tenon synth file.ts`. The user's code is read in a child of its own, never here. */
export async function run(context: CommandContext, args: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<void> {
  const { io, globals } = context;
  const target = parseTarget(args[0]!);
  if (target.name !== undefined)
    throw new UsageError(`the stack is a whole App's, not that of "${target.name}" alone`, { hint: `Write tenon synth ${target.typed}.` });
  const { environment } = globals;
  const { manifest, asset, architecture } = await readParts(context, target, flags);
  if (flags["parts"] === true) return writeResult(context, { manifest, asset });
  const { planLambda, synthApp } = await import("../../synth/index.ts");
  const { stack, dir } = synthApp({ environment, manifest, asset, architecture }, { outputDir: flags["output"] as string | undefined });

  const notes = Object.values(manifest.functions).flatMap((spec) => planLambda(spec).notes.map((note) => `${spec.name}: ${note}`));
  if (globals.json) return writeResult(context, { stack, dir, app: manifest.name, version: asset.version, environment, notes });
  for (const note of notes) io.err.write(`note: ${note}\n`);
  io.out.write(`${stack} is in ${dir}\n`);
}
