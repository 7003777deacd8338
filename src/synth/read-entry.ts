import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { BundleError } from "../model/errors.ts";
import type { AppManifest } from "../model/manifest.ts";
import { tenonDir } from "../util/package-dir.ts";
import type { AppArchitecture, AppAsset } from "./app-parts.ts";

/** Layer for the manifest of a large App. */
const MAX_OUTPUT_BYTES = 64 * 1_024 * 1_024;

/**
 * Bundles the App of a file and reads what it declares, in a child process: nothing of the App's code loads in this
 * one, and a CDK app, which can't wait, has it at once.
 *
 * @throws BundleError with what the child wrote.
 */
export function readEntry(
  entry: string,
  environment: string,
  architecture: AppArchitecture = "arm64",
): { readonly manifest: AppManifest; readonly asset: AppAsset } {
  const args = [
    join(tenonDir(), "bin/tenon.js"),
    "synth",
    "--json",
    "--parts",
    "--env",
    environment,
    "--architecture",
    architecture,
    resolve(entry),
  ];
  const { status, error, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  if (status === 0) return JSON.parse(stdout) as { manifest: AppManifest; asset: AppAsset };
  throw new BundleError(`${entry} can't be made into an App: ${reasonOf(stderr) ?? String(error ?? `exit code ${String(status)}`)}`, {
    hint: `Run npx tenon synth ${entry} to see all of it.`,
  });
}

/** The message of the last error that the child wrote as a JSON line. */
function reasonOf(stderr: string | null): string | undefined {
  for (const line of (stderr ?? "").trim().split("\n").reverse()) {
    if (!line.startsWith("{")) continue;
    const { message, error } = JSON.parse(line) as { message?: string; error?: { message?: string } };
    if (message !== undefined || error?.message !== undefined) return message ?? error?.message;
  }
  return stderr === null || stderr.trim() === "" ? undefined : stderr.trim();
}
