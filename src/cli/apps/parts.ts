import type { AppBundle } from "../../bundle/index.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { CommandContext } from "../kit/command.ts";
import { UsageError } from "../kit/failures.ts";
import type { Target } from "../kit/target.ts";

/** What an App's stack is made from. */
export interface Parts {
  readonly manifest: AppManifest;
  readonly asset: { readonly dir: string; readonly version: string };
  /** Absolute path of the folder of Tenon's state. */
  readonly stateDir: string;
  readonly architecture: "arm64" | "x86_64";
}

/** Bundles the App of a file for AWS. Its code is read in a child of its own, never here; `onReading` hears when that is at work. */
export async function readParts(
  context: CommandContext,
  target: Target,
  flags: Readonly<Record<string, unknown>>,
  onReading?: () => void,
): Promise<Parts> {
  const { environment } = context.globals;
  const architecture = readArchitecture(flags);
  const { checkAwsEnvironment } = await import("../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const { readApp } = await import("../../local/index.ts");
  const { manifest, bundle, stateDir } = await readApp({ entryFile: target.file, environment, onReading });
  return makeParts(context, { bundle, manifest, stateDir, architecture });
}

/** Makes what lies on Lambda of a bundle. */
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

/** The processor that `--architecture` names. Throws `UsageError`. */
export function readArchitecture(flags: Readonly<Record<string, unknown>>): "arm64" | "x86_64" {
  const { architecture } = flags;
  if (architecture === "arm64" || architecture === "x86_64") return architecture;
  throw new UsageError(`no architecture "${String(architecture)}"`, { hint: "Write --architecture arm64 or --architecture x86_64." });
}
