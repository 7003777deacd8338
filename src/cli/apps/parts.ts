import type { AppBundle } from "../../bundle/index.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { CommandContext } from "../kit/command.ts";
import { wrongApps } from "../arguments/choose.ts";
import type { Target } from "../arguments/target.ts";

/** The processor of Lambda functions. */
export type Architecture = "arm64" | "x86_64";

/** What an App's stack is made from. */
export interface Parts {
  readonly manifest: AppManifest;
  readonly asset: { readonly dir: string; readonly version: string };
  /** Absolute path of the folder of Tenon's state. */
  readonly stateDir: string;
  readonly architecture: Architecture;
}

/** What to make them from. */
export interface ReadPartsParams {
  readonly target: Target;
  readonly architecture: Architecture;
  /** Called when the child that reads the App is at work. */
  readonly onReading?: () => void;
}

/** Bundles the App of a file for AWS. Its code is read in a child of its own, never here. */
export async function readParts(context: CommandContext, { target, architecture, onReading }: ReadPartsParams): Promise<Parts> {
  const { environment } = context.globals;
  const { checkAwsEnvironment } = await import("../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const { readApp } = await import("../../local/index.ts");
  const { manifest, bundle, stateDir } = await readApp({
    entryFile: target.file,
    environment,
    onReading,
    moduleFailure: (error) => wrongApps(error, target.typed),
  });
  return makeParts(context, { bundle, manifest, stateDir, architecture });
}

/** Makes the Lambda asset of a bundle. */
export async function makeParts(
  { globals, io }: CommandContext,
  { bundle, manifest, stateDir, architecture }: Omit<Parts, "asset"> & { readonly bundle: AppBundle },
): Promise<Parts> {
  const [{ makeAsset }, { tenonDir }] = await Promise.all([import("../../bundle/index.ts"), import("../../util/package-dir.ts")]);
  const onInstall = (names: readonly string[]): void => {
    if (!globals.json) io.err.write(`installing ${names.join(", ")} for linux ${architecture}\n`);
  };
  const asset = await makeAsset(bundle, { stateDir, tenonDir: tenonDir(), architecture, onInstall });
  return { manifest, asset, stateDir, architecture };
}
