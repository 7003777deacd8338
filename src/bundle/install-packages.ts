import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureStateFolder } from "../disk/state-folder.ts";
import { BundleError } from "../model/errors.ts";
import { writeWholeAsync } from "../util/write-whole.ts";
import type { ExternalPackage } from "./bundle-record.ts";
import { cutLock } from "./lock-closure.ts";

/** The processors of Lambda, by CloudFormation's names. */
export type LambdaArchitecture = "arm64" | "x86_64";

/** Which packages to install, and where. */
export interface InstallParams {
  readonly sourceRoot: string;
  readonly packages: readonly ExternalPackage[];
  readonly architecture: LambdaArchitecture;
  /** Folder of Tenon's state; packages lie in `packages/` below it. */
  readonly stateDir: string;
  /** Called when npm is about to be run. */
  readonly onInstall?: ((names: readonly string[]) => void) | undefined;
}

/** Packages as Lambda needs them. */
export interface InstalledPackages {
  /** Absolute path of their `node_modules`. */
  readonly dir: string;
  /** Hash of everything that decides what lies there. */
  readonly key: string;
}

const run = promisify(execFile);

/** npm's name of a processor, and the ELF format's number of it. */
const PROCESSORS = { arm64: { cpu: "arm64", machine: 183 }, x86_64: { cpu: "x64", machine: 62 } } as const;
const MAX_OUTPUT_BYTES = 16 * 1_024 * 1_024;
const SHOWN_LINES = 8;

/**
 * Installs packages and their dependencies for Lambda's system from the user's lockfile, or finds an earlier installation.
 * Their install scripts do not run. Several processes may do this at once.
 *
 * Rejects with `BundleError` when the lock lacks them, npm fails, or a native package has no part for that processor.
 */
export async function installPackages(params: InstallParams): Promise<InstalledPackages> {
  const { architecture, packages } = params;
  const { manifest, lock } = cutLock(params.sourceRoot, packages);
  const key = createHash("sha256")
    .update(JSON.stringify([architecture, manifest, lock]))
    .digest("hex")
    .slice(0, 20);
  const dir = join(ensureStateFolder(params.stateDir, "packages"), key);
  const modules = join(dir, "node_modules");
  if (existsSync(modules)) return { dir: modules, key };
  params.onInstall?.(packages.map(({ name, version }) => `${name} ${version}`));
  const fill = async (made: string): Promise<void> => {
    mkdirSync(made);
    writeFileSync(join(made, "package.json"), manifest);
    writeFileSync(join(made, "package-lock.json"), lock);
    await install(made, architecture);
    for (const name of [".bin", ".package-lock.json"]) rmSync(join(made, "node_modules", name), { recursive: true, force: true });
    for (const one of packages.filter(({ reason }) => reason === "native")) checkProcessor(join(made, "node_modules"), one, architecture);
  };
  await writeWholeAsync(dir, fill, { isThere: () => existsSync(modules) });
  return { dir: modules, key };
}

// --- Internal helpers ---

async function install(folder: string, architecture: LambdaArchitecture): Promise<void> {
  const { cpu } = PROCESSORS[architecture];
  const platform = ["--os=linux", `--cpu=${cpu}`, "--libc=glibc"];
  const quiet = ["--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  try {
    await run(npm, ["ci", ...platform, ...quiet], { cwd: folder, maxBuffer: MAX_OUTPUT_BYTES });
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    if (code === "ENOENT")
      throw new BundleError("npm was not found. It installs for Lambda what is not bundled.", {
        hint: "Put npm on the PATH.",
        cause: error,
      });
    const said = (stderr ?? "").trim().split("\n").slice(-SHOWN_LINES).join("\n");
    throw new BundleError(`npm could not install packages for linux/${cpu}: ${said === "" ? String(error) : said}`, {
      hint: "Check the package-lock.json, and the registry that npm is configured for.",
      cause: error,
    });
  }
}

/** Checks that a native package has brought a part for the processor, itself or in a package that it depends on. */
function checkProcessor(modules: string, { name, version }: ExternalPackage, architecture: LambdaArchitecture): void {
  const { cpu, machine } = PROCESSORS[architecture];
  const machines = new Set(readdirSync(modules, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile() || !/\.node$|^[^.]+$|\.so(?:\.\d+)*$/.test(entry.name)) return [];
    return elfMachine(join(entry.parentPath, entry.name)) ?? [];
  })); // prettier-ignore
  if (machines.has(machine)) return;
  const what = machines.size === 0 ? "no native part at all (it is built when it is installed)" : "native parts for other processors only";
  throw new BundleError(`${name} ${version} brings ${what}, so it can't run on Lambda's linux/${cpu}.`, {
    hint: "Take a version with prebuilt parts for it, another --architecture (arm64, x86_64), or leave it out of what Functions import.",
  });
}

const ELF_HEADER_BYTES = 20;

/** The processor that a file is for, if it is a program or a library of Linux. */
function elfMachine(file: string): number | undefined {
  const header = Buffer.alloc(ELF_HEADER_BYTES);
  const descriptor = openSync(file, "r");
  try {
    if (readSync(descriptor, header, 0, ELF_HEADER_BYTES, 0) < ELF_HEADER_BYTES) return undefined;
  } finally {
    closeSync(descriptor);
  }
  return header.toString("latin1", 0, 4) === "\u007fELF" ? header.readUInt16LE(18) : undefined;
}
