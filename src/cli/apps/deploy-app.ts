import { deployStack } from "../../deploy/index.ts";
import { declined, withAccount } from "./account.ts";
import type { CommandContext } from "../kit/command.ts";
import { offerEnvironment } from "./deploy-environment.ts";
import { paint } from "../kit/io.ts";
import { readParts } from "./parts.ts";
import { writeResult } from "../render/results.ts";
import type { Target } from "../kit/target.ts";

/** Deploys the App of a file on AWS. */
export async function deployApp(context: CommandContext, target: Target, flags: Readonly<Record<string, unknown>>): Promise<number | void> {
  const { io, globals } = context;
  const { environment } = globals;
  const fromMs = performance.now();
  let parts!: ReturnType<typeof readParts>;
  await new Promise<void>((resolve, reject) => {
    parts = readParts(context, target, flags, resolve);
    parts.catch(reject);
  });
  // From here on the clients load, while the child reads.
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    const { manifest, asset, stateDir, architecture } = await parts;
    const { cachedAssembly } = await import("../../synth/cached-assembly.ts");
    const { stack, dir } = await cachedAssembly({ environment, manifest, asset, architecture, stateDir });
    // What is deployed as it stands has its environment: nothing is asked about that.
    const onChange = (): Promise<boolean> => offerEnvironment(context, flags, account);
    const { changed } = await account.working(stack, deployStack(api, { stack, dir, onEvent, onChange }));
    if (changed === null) return declined(context, "Not deployed.");

    const app = manifest.name;
    const functions = Object.keys(manifest.functions);
    if (globals.json) return writeResult(context, { app, version: asset.version, changed, functions, environment, stack });
    const seconds = ((performance.now() - fromMs) / 1_000).toFixed(1);
    const state = changed ? `${paint(io.out, "green", "deployed")} ${app} in ${seconds} s` : `${app} is deployed already, nothing changed`;
    io.out.write(`${state} (stack ${stack}, version ${asset.version.slice(0, 12)}, environment ${environment})\n`);
    for (const name of functions) io.out.write(`  TENON_BACKEND=aws tenon call ${app}/${name}\n`);
    return undefined;
  });
}
