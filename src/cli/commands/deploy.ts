import type { CommandContext } from "../kit/command.ts";
import { deployApp } from "../apps/deploy-app.ts";
import { paint } from "../kit/io.ts";
import { createEventRenderer } from "../render/render-events.ts";
import { writeResult } from "../render/results.ts";
import { parseTarget, type Target } from "../kit/target.ts";
import { UsageError, UserFailure } from "../kit/failures.ts";

/** `tenon deploy file.ts`. The user's code is read in a child of its own, never here. */
export async function run(
  context: CommandContext,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number | void> {
  const target = parseTarget(args[0]!);
  if (target.name !== undefined)
    throw new UsageError(`a whole App is deployed, not "${target.name}" alone`, { hint: `Write tenon deploy ${target.typed}.` });
  if (flags["local"] === true || context.io.env["TENON_BACKEND"] === "local") return deployHere(context, target);
  return deployApp(context, target, flags);
}

// --- Internal helpers ---

async function deployHere(context: CommandContext, target: Target): Promise<void> {
  const { io, globals } = context;
  const { deployLocal } = await import("../../local/index.ts");
  const renderer = createEventRenderer(io, globals);
  try {
    const { app, version, changed, functions } = await deployLocal({
      entryFile: target.file,
      environment: globals.environment,
      onEvent: renderer.onEvent,
      moduleFailure: (error) => new UserFailure(error),
    });
    if (globals.json) return writeResult(context, { app, version, changed, functions, environment: globals.environment });
    const state = changed ? `${paint(io.out, "green", "deployed")} ${app}` : `${app} is deployed already, nothing changed`;
    io.out.write(`${state} (version ${version.slice(0, 12)}, environment ${globals.environment})\n`);
    for (const name of functions) io.out.write(`  tenon call --local ${app}/${name}\n`);
  } finally {
    renderer.end();
  }
}
