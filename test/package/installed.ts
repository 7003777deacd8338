import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** An empty project of a user, with the packed package installed. */
export interface Installed {
  readonly folder: string;
  /** Runs a command there, or in a folder of it; throws with its output when it fails. */
  run(command: string, args: readonly string[], folder?: string): string;
  /** Writes a file there and gives its path. */
  write(name: string, text: string): string;
  remove(): void;
}

/**
 * Packs the built package and installs the tarball as a user would, beside other packages; what npm has cached is not
 * fetched again.
 */
export function installPacked(...others: readonly string[]): Installed {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tenon-installed-")));
  const project = join(folder, "project");
  const run = (command: string, args: readonly string[], cwd = project): string =>
    execFileSync(command, args, { cwd, encoding: "utf8", env: userEnv(), stdio: ["ignore", "pipe", "pipe"] });

  cpSync(join(import.meta.dirname, "consumer"), project, { recursive: true });
  mkdirSync(join(folder, "packed"));
  run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", join(folder, "packed")], ROOT);
  const tarball = join(folder, "packed", readdirSync(join(folder, "packed"))[0] ?? "");
  run("npm", [
    "install",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    "--prefix",
    project,
    tarball,
    "@types/node@20",
    // What tenon/cdk needs.
    "aws-cdk-lib@2.276.0",
    "constructs@10.8",
    ...others,
  ]);

  return {
    folder: project,
    run,
    write(name, text) {
      writeFileSync(join(project, name), text);
      return join(project, name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The environment without what npm and Vitest add to it for their own children. */
function userEnv(): NodeJS.ProcessEnv {
  const added = /^(?:npm_(?!config_(?:registry|cache|userconfig)$)|VITEST|INIT_CWD$|NODE_ENV$|NODE_OPTIONS$|TEST$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !added.test(name)));
}
