import type { AppRun } from "../../index.ts";
import { registry } from "../../sdk/registry.ts";
import { runLocal } from "../../local/run.ts";
import type { CommandContext } from "./command.ts";
import { takeSpareWorker } from "./head-start.ts";
import type { LoadedApp } from "./load-app.ts";
import { createEventRenderer } from "./render-events.ts";

/** Runs the App while the work is done, shows its events, and closes it whatever happens. */
export async function withRunningApp(context: CommandContext, loaded: LoadedApp, work: () => Promise<void>): Promise<void> {
  const { app, bundle, stateDir } = loaded;
  const { environment } = context.globals;
  // What the entrypoint looks up by name is in the world and the environment that the App runs in.
  process.env["TENON_ENVIRONMENT"] = environment;
  process.env["TENON_BACKEND"] ??= "local";
  const renderer = createEventRenderer(context.io, context.globals);
  const { version, cached, durationMs } = bundle;
  renderer.onEvent({ code: "BUNDLE_READY", app: app.name, version, cached, durationMs });
  handOver(loaded);
  const running: AppRun = await app.run({ environment, stateDir, onEvent: renderer.onEvent });
  const release = context.interruption.hold(running);
  try {
    await work();
  } finally {
    renderer.end();
    await running.close();
    release();
  }
}

/** The App's run takes the bundle that is made and the process that was started ahead; other Apps make their own. */
function handOver({ app, bundle }: LoadedApp): void {
  const known = registry();
  const { worlds } = known;
  if (worlds === undefined) return;
  known.worlds = {
    ...worlds,
    runLocal: (params) => (params.manifest.name === app.name ? runLocal({ ...params, bundle, spare: takeSpareWorker() }) : worlds.runLocal(params)),
  };
}
