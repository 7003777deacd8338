import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import type { ObjectKind } from "./object-kinds.ts";

/** One object by its name, or every object whose name begins with what stands before the `*` of a pattern, such as `user-*`. */
export type ObjectReach = { readonly name: string } | { readonly pattern: string };

/**
 * The objects that may be used, by kind. A kind that is there, even with an empty list, brings its ephemeral objects: their
 * ids are secrets that only those know to whom a handle was passed.
 */
export type Reach = Readonly<Partial<Record<ObjectKind, readonly ObjectReach[]>>>;

/** What a manifest says of the reach of its App and its Functions. */
interface Reaching {
  readonly objects?: Reach;
  readonly functions: Readonly<Record<string, { readonly uses?: Reach }>>;
}

/** What a Function may use: what it names itself, else all that its App names. */
export function reachOf({ objects = {}, functions }: Reaching, fn: string): Reach {
  return functions[fn]?.uses ?? objects;
}

/** Whether an object may be used. The name of an ephemeral one is `~` and its id. */
export function mayReach(reach: Reach, kind: ObjectKind, name: string): boolean {
  const objects = reach[kind];
  if (objects === undefined) return false;
  return name.startsWith("~") || coversObject(objects, { name });
}

/** Whether all that an object, or a pattern, stands for is among these. */
export function coversObject(objects: readonly ObjectReach[], object: ObjectReach): boolean {
  return objects.some((each) => covers(each, object));
}

/**
 * The same reach in the one form that equal ones have: kinds and names sorted, and none that another one covers.
 *
 * @example
 * canonicalReach({ dict: [{ name: "user-1" }, { pattern: "user-*" }] }); // { dict: [{ pattern: "user-*" }] }
 */
export function canonicalReach(reach: Reach): Reach {
  const kinds = (Object.keys(reach) as ObjectKind[]).toSorted();
  return Object.fromEntries(kinds.map((kind) => [kind, withoutCovered(reach[kind] ?? [])]));
}

/** A pattern of names: 1 to 63 letters, digits, dashes, periods and underscores, then `*`. Throws `InvalidError`. */
export function checkObjectPattern(pattern: unknown): string {
  if (typeof pattern === "string" && PATTERN.test(pattern)) return pattern;
  throw new InvalidError(
    `Invalid pattern: ${showValue(pattern)}. A pattern is what names begin with, 1 to 63 letters, digits, dashes, periods or underscores, and then one *.`,
    { hint: 'Write something such as "user-*".' },
  );
}

// --- Internal helpers ---

const PATTERN = /^[a-zA-Z0-9\-_.]{1,63}\*$/;

function covers(wider: ObjectReach, other: ObjectReach): boolean {
  if ("name" in wider) return "name" in other && wider.name === other.name;
  const prefix = wider.pattern.slice(0, -1);
  return "name" in other ? other.name.startsWith(prefix) : other.pattern.startsWith(prefix);
}

function withoutCovered(objects: readonly ObjectReach[]): readonly ObjectReach[] {
  const byText = new Map(objects.map((each) => [textOf(each), each]));
  const distinct = [...byText.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return distinct.filter((each) => !distinct.some((other) => other !== each && covers(other, each)));
}

/** No name holds a `*`. */
function textOf(object: ObjectReach): string {
  return "name" in object ? object.name : object.pattern;
}
