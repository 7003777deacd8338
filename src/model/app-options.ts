import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { showValue } from "../util/show-value.ts";
import { type AwsOptions, AWS_OPTIONS, type AwsSettings, resolveAwsSettings } from "./aws-settings.ts";
import type { Brake } from "./brake.ts";
import { InvalidError } from "./errors.ts";
import { MAX_CONTAINERS } from "./function-options.ts";
import { checkName, checkTag } from "./names.ts";
import { checkBoolean, checkNumber, checkOptionNames, checkOptionsObject, isPlainObject } from "./option-checks.ts";
import type { OptionNames } from "./option-checks.ts";
import { type Permission, resolvePermissions } from "./permissions.ts";

/**
 * What an App may say beside its name.
 *
 * @example
 * import { App } from "tenon";
 *
 * const app = new App("thumbnails", {
 *   tags: { team: "search" },
 *   files: ["./models/**"],
 *   external: ["sharp"],
 * });
 */
export interface AppOptions extends AwsOptions {
  /**
   * Labels for people and bills: at most 46, of keys and values of 1 to 63 letters, digits, dashes, periods and underscores. Keys
   * must differ in more than upper and lower case, since IAM sees no other difference.
   * @default {}
   */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /**
   * Globs of files that travel with the code, relative to the folder of the nearest package.json; `..` and absolute
   * paths are refused. @default []
   */
  readonly files?: readonly string[] | undefined;
  /** Names of packages that are not bundled but installed. Packages with native parts need no mention. @default [] */
  readonly external?: readonly string[] | undefined;
  /** How deep calls may nest before `CallDepthError`: 1 to 1,000. It stops a Function that calls itself for ever. @default 32 */
  readonly maxCallDepth?: number | undefined;
  /**
   * What the App's code may do on AWS beside what Tenon's own objects need; all its Functions may, on AWS only: this machine
   * has no roles, so there the code has the rights of whoever runs it. @default []
   */
  readonly permissions?: readonly Permission[] | undefined;
  /**
   * Most containers of all its Functions together: 1 to 4,000. Functions without a `maxContainers` of their own share it
   * evenly, each at least one. On AWS it holds for spawned calls, unless `enforce` says more. @default - no limit
   */
  readonly maxContainers?: number | undefined;
  /**
   * `"reserved"`: on AWS every `maxContainers` holds for every call, by Lambda's reserved concurrency. It is taken from the
   * account's, of which Lambda keeps 100 for all other functions. @default - spawned calls only
   */
  readonly enforce?: "reserved" | undefined;
  /**
   * Whether containers on AWS emit metrics for each Function: calls, failures, failures by class, timeouts, retries, queue
   * age, at $0.30 a month each (CloudWatch's price). Without it there is one, `Errors` of the App. @default false
   */
  readonly metrics?: boolean | undefined;
  /** The file that declares the App: `import.meta.url`, or an absolute path. @default - the file of the `new App(…)` */
  readonly entry?: string | undefined;
}

/** An App's options, every default filled in. */
export interface ResolvedAppOptions {
  readonly tags: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly external: readonly string[];
  readonly maxCallDepth: number;
  readonly permissions: readonly Permission[];
  readonly brake: Brake;
  readonly metrics: boolean;
  readonly aws: AwsSettings;
  /** Absolute path; `null` when the App did not say. */
  readonly entryFile: string | null;
}

const NAMES: OptionNames = {
  known: ["tags", "files", "external", "maxCallDepth", "permissions", "maxContainers", "enforce", "metrics", ...AWS_OPTIONS, "entry"],
  renamed: {
    maxDepth: "maxCallDepth",
    externals: "external",
    entryFile: "entry",
    logRetention: "logRetentionDays",
    logRetentionInDays: "logRetentionDays",
    kmsKeyArn: "kmsKey",
    concurrencyLimit: "maxContainers",
  },
  elsewhere: {
    name: "An App's name is the first argument of new App(name, options).",
    includeSource: "The App's code always travels in its bundle.",
    include_source: "The App's code always travels in its bundle.",
    include: "Another App's Functions are taken in by app.include(other).",
    uses: "What the App's code uses is named by app.uses(seen), or by handles at module level.",
    mounts: 'Files travel with the App by files: ["./models/**"].',
    functions: "Functions are declared by app.function(name, options, fn).",
    vpcSubnets: 'Subnets are named by their ids: vpc: { subnetIds: ["subnet-…"] }.',
    qualifier: "The qualifier of the CDK's bootstrap belongs to the command: tenon deploy --qualifier.",
    permissionsBoundary: "A permissions boundary belongs to the command: tenon deploy --permissions-boundary.",
    environment: "The environment is chosen when the App runs: -e, --env or TENON_ENVIRONMENT.",
  },
  missing: ["image", "secrets", "volumes"],
};

/** AWS takes 50 on a resource ("Tag naming limits and requirements" in its manual); four are Tenon's. */
const MAX_TAGS = 46;

const PACKAGE = /^(@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/i;

/**
 * An App's options, checked. Throws `InvalidError` for a wrong name, an unknown option, and a value that is not
 * allowed.
 */
export function resolveAppOptions(name: string, options?: AppOptions): ResolvedAppOptions {
  const what = `App "${checkName("App", name)}"`;
  const given = checkOptionsObject(what, options);
  checkOptionNames(what, given, NAMES);
  return {
    tags: resolveTags(what, given["tags"]),
    files: strings(what, "files", given["files"], checkGlob),
    external: strings(what, "external", given["external"], checkPackage),
    maxCallDepth:
      given["maxCallDepth"] === undefined ? 32 : checkNumber(what, "maxCallDepth", given["maxCallDepth"], { min: 1, max: 1_000 }),
    permissions: resolvePermissions(what, given["permissions"]),
    brake: resolveBrake(what, given),
    metrics: given["metrics"] === undefined ? false : checkBoolean(what, "metrics", given["metrics"]),
    aws: resolveAwsSettings(what, given),
    entryFile: given["entry"] === undefined ? null : checkEntry(what, given["entry"]),
  };
}

// --- Internal helpers ---

function resolveTags(what: string, tags: unknown): Readonly<Record<string, string>> {
  if (tags === undefined) return {};
  if (!isPlainObject(tags))
    throw new InvalidError(`${what}: tags is ${showValue(tags)}. It must be an object of strings.`, {
      hint: 'Write tags: { team: "search" }.',
    });
  const checked = Object.entries(tags).map(([key, value]) => [key, checkTag(key, value)] as const);
  if (checked.length > MAX_TAGS)
    throw new InvalidError(
      `${what}: tags has ${checked.length} entries. At most ${MAX_TAGS} are allowed: AWS takes 50, Tenon's own included.`,
      {
        hint: "Leave some out.",
      },
    );
  const seen = new Map<string, string>();
  for (const [key] of checked) {
    const twin = seen.get(key.toLowerCase());
    if (twin !== undefined)
      throw new InvalidError(
        `${what}: tags has "${twin}" and "${key}". Keys must differ in more than upper and lower case: IAM takes them for one.`,
        {
          hint: "Leave one of them out, or rename it.",
        },
      );
    seen.set(key.toLowerCase(), key);
  }
  return Object.fromEntries(checked);
}

function resolveBrake(what: string, { maxContainers, enforce }: Readonly<Record<string, unknown>>): Brake {
  if (enforce !== undefined && enforce !== "reserved")
    throw new InvalidError(`${what}: enforce is ${showValue(enforce)}. It must be "reserved".`, {
      hint: 'Write enforce: "reserved", or leave it out.',
    });
  return {
    ...(maxContainers === undefined
      ? {}
      : { maxContainers: checkNumber(what, "maxContainers", maxContainers, { min: 1, max: MAX_CONTAINERS }) }),
    ...(enforce === undefined ? {} : { enforce }),
  };
}

function strings(what: string, name: string, value: unknown, check: (what: string, item: string) => void): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new InvalidError(`${what}: ${name} is ${showValue(value)}. It must be an array of strings.`);
  return value.map((item: unknown, index) => {
    if (typeof item !== "string" || item === "")
      throw new InvalidError(`${what}: ${name}[${index}] is ${showValue(item)}. It must be a string that is not empty.`);
    check(`${what}: ${name}[${index}]`, item);
    return item;
  });
}

function checkGlob(what: string, glob: string): void {
  const outside = isAbsolute(glob) || glob.split(/[\\/]/).includes("..");
  if (outside) {
    throw new InvalidError(`${what} is ${showValue(glob)}. It must stay inside the folder of the nearest package.json.`, {
      hint: "Write it relative to that folder, such as ./models/**.",
    });
  }
}

function checkPackage(what: string, name: string): void {
  if (PACKAGE.test(name)) return;
  throw new InvalidError(`${what} is ${showValue(name)}. It must be the name of a package, such as sharp or @scope/name.`, {
    hint: "Name files by the option files.",
  });
}

function checkEntry(what: string, entry: unknown): string {
  if (typeof entry === "string" && entry.startsWith("file:")) return fileURLToPath(entry);
  if (typeof entry === "string" && isAbsolute(entry)) return entry;
  throw new InvalidError(`${what}: entry is ${showValue(entry)}. It must be a file: URL or an absolute path.`, {
    hint: "Write entry: import.meta.url.",
  });
}
