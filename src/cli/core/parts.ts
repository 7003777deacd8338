import type { AppManifest } from "../../model/manifest.ts";
import type { CommandContext } from "./command.ts";
import { UsageError } from "./failures.ts";
import type { Target } from "./target.ts";

/** What an App's stack is made from. */
export interface Parts {
  readonly manifest: AppManifest;
  readonly asset: { readonly dir: string; readonly version: string };
}

/** Bundles the App of a file for AWS. Its code is read in a child of its own, never here. */
export async function readParts({ globals }: CommandContext, target: Target): Promise<Parts> {
  const { environment } = globals;
  const { checkAwsEnvironment } = await import("../../model/aws-names.ts");
  checkAwsEnvironment(environment);
  const [{ readApp }, { makeAsset }] = await Promise.all([import("../../local/index.ts"), import("../../bundle/index.ts")]);
  const { manifest, bundle, stateDir } = await readApp({ entryFile: target.file, environment });
  const { tenonDir } = await import("../../util/package-dir.ts");
  return { manifest, asset: makeAsset(bundle, { stateDir, tenonDir: tenonDir() }) };
}

/** The processor that `--architecture` names. Throws `UsageError`. */
export function readArchitecture(flags: Readonly<Record<string, unknown>>): "arm64" | "x86_64" {
  const { architecture } = flags;
  if (architecture === "arm64" || architecture === "x86_64") return architecture;
  throw new UsageError(`no architecture "${String(architecture)}"`, { hint: "Write --architecture arm64 or --architecture x86_64." });
}
