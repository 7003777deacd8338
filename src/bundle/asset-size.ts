import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BundleError } from "../model/errors.ts";
import type { ExternalPackage } from "./bundle-record.ts";

/** Most bytes of a Lambda function's code, unpacked, layers included (Lambda's quota "Deployment package size", 250 MB). */
export const LAMBDA_MAX_CODE_BYTES = 250 * 1_024 * 1_024;

const SHOWN_PACKAGES = 8;

/** Refuses a folder that is too large for Lambda, with its largest packages and by which files the App imports them. Throws `BundleError`. */
export function refuseTooLarge(dir: string, packages: readonly ExternalPackage[], limitBytes = LAMBDA_MAX_CODE_BYTES): void {
  const total = bytesOf(dir);
  if (total <= limitBytes) return;
  const modules = join(dir, "node_modules");
  const sizes = packageNames(modules)
    .map((name) => ({ name, bytes: bytesOf(join(modules, name)) }))
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, SHOWN_PACKAGES);
  const lines = sizes.map(({ name, bytes }) => `  ${megabytes(bytes).padStart(9)}  ${name}`);
  const chains = packages.filter(({ chain }) => chain.length > 0).map(({ name, chain }) => `  ${[...chain, name].join(" → ")}`);
  throw new BundleError(
    `The App's code has ${megabytes(total)} unpacked. Lambda allows ${megabytes(limitBytes)}. Its largest packages:\n${lines.join("\n")}\nimported by\n${chains.join("\n")}`,
    { hint: "Import less, or split the App: the asset of each Function holds what any of them needs." },
  );
}

// --- Internal helpers ---

function packageNames(modules: string): readonly string[] {
  return readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((own) => `${name}/${own}`) : [name],
  );
}

function bytesOf(path: string): number {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_024 / 1_024).toFixed(1)} MB`;
}
