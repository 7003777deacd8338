import type { PreparedRun } from "../../local/index.ts";
import type { CommandContext } from "../kit/command.ts";
import { takeSpareWorker } from "./prewarm.ts";
import type { LoadedApp } from "./load-app.ts";
import { createEventRenderer } from "../render/render-events.ts";

/** Runs the App while the work is done, shows its events, and closes it in every case. */
export async function withRunningApp(context: CommandContext, loaded: LoadedApp, work: () => Promise<void>): Promise<void> {
  const { app, bundle, stateDir } = loaded;
  const { environment } = context.globals;
  // Names that the entrypoint looks up are those of the App's own environment.
  process.env["TENON_ENVIRONMENT"] = environment;
  process.env["TENON_BACKEND"] ??= "local";
  const renderer = createEventRenderer(context.io, context.globals);
  const { version, cached, durationMs } = bundle;
  renderer.onEvent({ code: "BUNDLE_READY", app: app.name, version, cached, durationMs });
  const prepared: PreparedRun = { bundle, spare: takeSpareWorker() };
  const running = await app.run({ environment, stateDir, onEvent: renderer.onEvent, prepared });
  const release = context.interruption.hold(running);
  try {
    await work();
  } finally {
    renderer.end();
    await running.close();
    release();
  }
}
