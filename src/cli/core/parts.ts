import type { AppBundle } from "../../bundle/index.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { CommandContext } from "./command.ts";
import { UsageError } from "./failures.ts";
import type { Target } from "./target.ts";

/** What an App's stack is made from. */
export interface Parts {
  readonly manifest: AppManifest;
  readonly asset: { readonly dir: string; readonly version: string };
  /** Absolute path of the folder of Tenon's state. */
  readonly stateDir: string;
}

/** Bundles the App of a file for AWS. Its code is read in a child of its own, never here; `onReading` hears when that is at work. */
export async function readParts({ globals }: CommandContext, target: Target, onReading?: () => void): Promise<Parts> {
  const { environment } = globals;
  const { checkAwsEnvironment } = await import("../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const { readApp } = await import("../../local/index.ts");
  const { manifest, bundle, stateDir } = await readApp({ entryFile: target.file, environment, onReading });
  return makeParts(bundle, manifest, stateDir);
}

/** Makes what lies on Lambda of a bundle. */
export async function makeParts(bundle: AppBundle, manifest: AppManifest, stateDir: string): Promise<Parts> {
  const [{ makeAsset }, { tenonDir }] = await Promise.all([import("../../bundle/index.ts"), import("../../util/package-dir.ts")]);
  return { manifest, asset: makeAsset(bundle, { stateDir, tenonDir: tenonDir() }), stateDir };
}

/** The processor that `--architecture` names. Throws `UsageError`. */
export function readArchitecture(flags: Readonly<Record<string, unknown>>): "arm64" | "x86_64" {
  const { architecture } = flags;
  if (architecture === "arm64" || architecture === "x86_64") return architecture;
  throw new UsageError(`no architecture "${String(architecture)}"`, { hint: "Write --architecture arm64 or --architecture x86_64." });
}
