import { execFileSync, spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rounds } from "./rounds.ts";

const REQUIREMENTS = fileURLToPath(new URL("../synth/cfn-lint.requirements.txt", import.meta.url));
/** What CloudFormation takes differs between partitions, and cfn-lint takes its time for each region: one of each, in the long tests two. */
const REGIONS = ["us-east-1", "us-gov-west-1", "cn-north-1", ...["eu-central-1", "us-gov-east-1", "cn-northwest-1"].slice(0, rounds(0, 3))];
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const python = process.env["TENON_PYTHON"] || "python3";

/** What cfn-lint says of a template. */
export interface Finding {
  /** Such as `W3005`. */
  readonly rule: string;
  /** The template's file. */
  readonly file: string;
  readonly resource: string;
  readonly message: string;
}

/** Whether there is a Python that can install and run it. */
export function canLint(): boolean {
  return spawnSync(python, ["-m", "pip", "--version"], { stdio: "ignore" }).status === 0;
}

/** Checks templates for each region group (commercial, GovCloud, China) with cfn-lint, which is put into the user's cache once for all checkouts. It asks nobody. */
export function lint(templates: readonly string[]): readonly Finding[] {
  const main = "import sys; from cfnlint.runner import main; sys.exit(main())";
  const args = ["-c", main, "--format", "json", "--regions", ...REGIONS, "--", ...templates];
  const { stdout, stderr } = spawnSync(python, args, {
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
    env: { ...process.env, PYTHONPATH: install() },
  });
  if (!stdout.trimStart().startsWith("[")) throw new TypeError(`cfn-lint did not run: ${stderr}`);
  const found = JSON.parse(stdout) as {
    Rule: { Id: string };
    Filename: string;
    Location: { Path: (string | number)[] };
    Message: string;
  }[];
  return found.map(({ Rule, Filename, Location, Message }) => ({
    rule: Rule.Id,
    file: Filename,
    resource: String(Location.Path[1]),
    message: Message,
  }));
}

function install(): string {
  const tag = execFileSync(python, ["-c", "import sys; print(sys.implementation.cache_tag)"], { encoding: "utf8" });
  const key = createHash("sha256").update(tag).update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tenon", "cfn-lint");
  const folder = join(cache, key);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const made = join(cache, `unfinished-${randomUUID()}`);
  try {
    const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"];
    execFileSync(python, ["-m", "pip", "install", ...quiet, "--no-deps", "--only-binary=:all:", "--target", made, "-r", REQUIREMENTS], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    renameSync(made, folder);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return folder;
}
