import { existsSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { BundleError } from "../model/errors.ts";
import type { ExternalPackage } from "./bundle-record.ts";
import { ancestors } from "./project.ts";

/** What npm writes about one installed package. Only what is read here has a type. */
export interface LockedPackage {
  readonly version?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly [field: string]: unknown;
}

/** The part of a lockfile that some packages need, as a project of its own. */
export interface LockClosure {
  /** Text of its package.json. */
  readonly manifest: string;
  /** Text of its package-lock.json. */
  readonly lock: string;
}

const LOCKS = ["package-lock.json", "npm-shrinkwrap.json"];
const OTHER_LOCKS = ["pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];
/** Marks that hold for the project that wrote the lock, and not here. */
const MARKS = ["dev", "devOptional", "peer", "optional", "extraneous"];

/**
 * Cuts what some packages need, on every platform, out of npm's lockfile at or above the source root.
 *
 * Throws `BundleError` without such a lockfile, and for a package that it does not hold.
 */
export function cutLock(sourceRoot: string, packages: readonly ExternalPackage[]): LockClosure {
  const file = findLock(sourceRoot, packages);
  const { lockfileVersion, packages: locked } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly lockfileVersion?: number;
    readonly packages?: Readonly<Record<string, LockedPackage>>;
  };
  if (locked === undefined)
    throw new BundleError(`${file} has the format ${lockfileVersion ?? 1} of npm 6. It does not say enough about packages.`, {
      hint: "Run npm install with npm 7 or newer, which writes it again.",
    });
  const root = file.slice(0, file.lastIndexOf(sep));
  const second = packages.find(({ link, name }) => link !== name);
  if (second !== undefined)
    throw new BundleError(`The App uses two versions of ${second.name}, one of them ${second.version}. Only one can go to Lambda.`, {
      hint: `Run npm ls ${second.name} to see which packages need them, and make them agree.`,
    });
  const starts = packages.map(({ name, version, folder }) => {
    const key = relative(root, folder).split(sep).join("/");
    if (locked[key] !== undefined && locked[key].version === version) return { name, key };
    throw new BundleError(`${name} ${version} is installed, but ${file} does not hold it.`, {
      hint: "Run npm install, so that both agree.",
    });
  });
  const needed = new Map<string, boolean>();
  for (const { key } of starts) follow(locked, key, false, needed, file);

  const entries = [...needed].map(([key, optional]) => [shortened(key), marked(locked[key]!, optional)] as const);
  const dependencies = Object.fromEntries(packages.map(({ name, version }) => [name, version]));
  const own = { name: "tenon-packages", version: "0.0.0", dependencies };
  return {
    manifest: JSON.stringify({ ...own, private: true }),
    lock: JSON.stringify({
      name: own.name,
      version: own.version,
      lockfileVersion: 3,
      requires: true,
      packages: { "": own, ...Object.fromEntries(entries) },
    }),
  };
}

// --- Internal helpers ---

function findLock(sourceRoot: string, packages: readonly ExternalPackage[]): string {
  for (const folder of ancestors(sourceRoot)) {
    const found = LOCKS.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    const other = OTHER_LOCKS.find((name) => existsSync(join(folder, name)));
    if (other !== undefined) throw noLock(packages, `${join(folder, other)} is not a lockfile of npm, the only kind that is read`);
  }
  throw noLock(packages, `there is no package-lock.json in ${sourceRoot} or above`);
}

function noLock(packages: readonly ExternalPackage[], reason: string): BundleError {
  const names = packages.map(({ name, reason: why }) => `${name} (${why})`).join(", ");
  return new BundleError(
    `Packages outside the bundle are installed for Lambda from npm's lockfile, but ${reason}. The packages: ${names}.`,
    {
      hint: "Run npm install --package-lock-only in that folder and commit the package-lock.json, or do not import the package.",
    },
  );
}

/** Notes what a package needs, by its place in the lock, and whether it is optional for all that need it. */
function follow(
  locked: Readonly<Record<string, LockedPackage>>,
  key: string,
  optional: boolean,
  needed: Map<string, boolean>,
  file: string,
): void {
  const known = needed.get(key);
  if (known === false || (known === true && optional)) return;
  needed.set(key, optional);
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = locked[key]!;
  const wants = new Map<string, boolean>();
  for (const name of Object.keys(peerDependencies ?? {})) wants.set(name, peerDependenciesMeta?.[name]?.optional === true);
  for (const name of Object.keys(dependencies ?? {})) wants.set(name, false);
  for (const name of Object.keys(optionalDependencies ?? {})) wants.set(name, true);
  for (const [name, canMiss] of wants) {
    const found = resolveIn(locked, key, name);
    if (found !== undefined) follow(locked, found, optional || canMiss, needed, file);
    else if (!canMiss && !optional)
      throw new BundleError(`${file} does not hold ${name}, which ${key} needs.`, { hint: "Run npm install, so that the lock is whole." });
  }
}

/** Finds a name as Node does: in the package's own node_modules, then further up. */
function resolveIn(locked: Readonly<Record<string, LockedPackage>>, from: string, name: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf("/node_modules/")))) {
    const key = base === "" ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (locked[key] !== undefined) return key;
    if (base === "") return undefined;
  }
}

/** The place in a project of its own. What lies in a workspace moves to the top. */
function shortened(key: string): string {
  return key.slice(Math.max(0, key.search(/(?:^|\/)node_modules\//))).replace(/^\//, "");
}

function marked(entry: LockedPackage, optional: boolean): LockedPackage {
  const kept = Object.fromEntries(Object.entries(entry).filter(([field]) => !MARKS.includes(field)));
  return optional ? { ...kept, optional: true } : kept;
}
