import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const PACKAGE = "aws-lambda-ric";
const VERSION = "4.0.2";
const CACHE = join(import.meta.dirname, "../../../node_modules/.cache/tenon");

let found: Promise<string> | undefined;

/**
 * AWS's runtime client for Node, from npm, installed once beside the packages of this project. It is none of them: its
 * install script compiles curl, which `npm ci` must not wait for; `runtime-shim.cjs` of the emulators stands for what it compiles.
 */
export function runtimeClient(): Promise<string> {
  return (found ??= install());
}

async function install(): Promise<string> {
  const folder = join(CACHE, `${PACKAGE}-${VERSION}`);
  const file = join(folder, "node_modules", PACKAGE, "index.mjs");
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  const made = mkdtempSync(join(CACHE, "tmp-"));
  const args = ["install", "--ignore-scripts", "--no-package-lock", "--omit=dev", "--prefix", made, `${PACKAGE}@${VERSION}`];
  await promisify(execFile)("npm", args, { cwd: made });
  try {
    renameSync(made, folder);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(file)) throw error;
  }
  return file;
}
