import { InvalidError } from "./errors.ts";
import type { FunctionSpec } from "./function-spec.ts";

/** What an App says of the containers of all its Functions together. */
export interface Brake {
  /** The most of them at a time; absent: no limit of the App's own. */
  readonly maxContainers?: number | undefined;
  /** `"reserved"`: Lambda holds `maxContainers` for every call, also `remote` and `map`, by reserved concurrency. */
  readonly enforce?: "reserved" | undefined;
}

/** A brake, and the Functions that live by a share of it. */
export interface BrakeInManifest extends Brake {
  /** Functions without a `maxContainers` of their own: theirs is a share of the App's. */
  readonly shares?: readonly string[];
}

/**
 * The App with its brake put on. No backend has one counter for several Functions, so the number is handed out: a Function
 * keeps a `maxContainers` of its own, and the others share what is left, evenly, the first ones getting what does not divide.
 *
 * Throws `InvalidError` when there are fewer containers than Functions need.
 */
export function withBrake<M extends Braked>(manifest: M, brake: Brake): M {
  const { name, functions, brake: earlier } = manifest;
  const given = { ...earlier, ...definedOf(brake) };
  const owns = Object.values(functions).map((spec) => (earlier?.shares?.includes(spec.name) ? { ...spec, maxContainers: null } : spec));
  if (given.maxContainers === undefined) return given.enforce === undefined ? manifest : { ...manifest, brake: given };
  const shares = owns.filter(({ maxContainers }) => maxContainers === null).map((spec) => spec.name);
  const rest = given.maxContainers - owns.reduce((sum, { maxContainers }) => sum + (maxContainers ?? 0), 0);
  if (rest < shares.length) throw tooFew(name, given.maxContainers, owns);
  const shared = owns.map((spec): FunctionSpec => {
    const at = shares.indexOf(spec.name);
    return at === -1 ? spec : { ...spec, maxContainers: shareOf(rest, shares.length, at) };
  });
  return { ...manifest, functions: Object.fromEntries(shared.map((spec) => [spec.name, spec])), brake: { ...given, shares } };
}

// --- Internal helpers ---

/** Of a manifest. */
interface Braked {
  readonly name: string;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  readonly brake?: BrakeInManifest;
}

function definedOf({ maxContainers, enforce }: Brake): Brake {
  return { ...(maxContainers === undefined ? {} : { maxContainers }), ...(enforce === undefined ? {} : { enforce }) };
}

function shareOf(total: number, parts: number, at: number): number {
  return Math.floor(total / parts) + (at < total % parts ? 1 : 0);
}

function tooFew(name: string, most: number, owns: readonly FunctionSpec[]): InvalidError {
  const needed = owns.reduce((sum, { maxContainers }) => sum + (maxContainers ?? 1), 0);
  return new InvalidError(
    `App "${name}": maxContainers is ${most}, and its ${owns.length} Functions need ${needed}: each its own maxContainers, or one.`,
    { hint: "Raise it, or lower what the Functions ask for." },
  );
}
