import { deployApp, tellCalls } from "../apps/deploy-app.ts";
import { touch } from "../apps/places.ts";
import { wrongApps } from "../arguments/choose.ts";
import { parseAppTarget, type Target } from "../arguments/target.ts";
import type { CommandBody, CommandContext } from "../kit/command.ts";
import { UserFailure } from "../kit/failures.ts";
import { paint } from "../kit/io.ts";
import { chooseBackend } from "../kit/place.ts";
import { createEventRenderer } from "../render/render-events.ts";
import { writeResult } from "../render/results.ts";
import type { spec } from "./deploy.ts";

/** `tenon deploy file.ts`. The user's code is read in a child of its own, never here. */
export const run: CommandBody<typeof spec> = async (context, { file }, { local, aws, architecture, yes, ...bootstrap }) => {
  const target = parseAppTarget(file, "deploy");
  if (chooseBackend({ local, aws }, context.io.env, "aws") === "local") return deployHere(context, target);
  return deployApp(context, { target, architecture, yes, bootstrap });
};

// --- Internal helpers ---

async function deployHere(context: CommandContext, target: Target): Promise<void> {
  const { io, globals } = context;
  const { environment } = globals;
  touch(context, "local");
  const { deployLocal } = await import("../../local/index.ts");
  const renderer = createEventRenderer(io, globals);
  try {
    const { app, version, changed, functions } = await deployLocal({
      entryFile: target.file,
      environment,
      onEvent: renderer.onEvent,
      moduleFailure: (error) => wrongApps(error, target.typed) ?? new UserFailure(error),
    });
    if (globals.json) return writeResult(context, { app, version, changed, functions, environment });
    const state = changed ? `${paint(io.out, "green", "deployed")} ${app}` : `${app} is deployed already, nothing changed`;
    io.out.write(`${state} (version ${version.slice(0, 12)}, environment ${environment})\n`);
    tellCalls(context, "local", app, functions);
  } finally {
    renderer.end();
  }
}
