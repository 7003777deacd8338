import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";

/** A kind of named object, as the ports call it. */
export type ObjectKind = "dict";

/** The objects that code may use: one by its name, or all whose names match a pattern, in which `*` stands for any characters. */
export type Reach = readonly ({ readonly name: string } | { readonly pattern: string })[];

/** What an App or a Function may use, by kind; a kind that is absent is one of which it uses nothing. */
export type ObjectReach = Readonly<Partial<Record<ObjectKind, Reach>>>;

/** One thing that code says it uses. */
export interface ObjectUse {
  readonly kind: ObjectKind;
  readonly object: Reach[number];
}

/** Under this property a handle, or a pattern of names, says what it stands for. */
export const USE = Symbol.for("tenon.use");

/** A handle of a named object, or a pattern of names: what `uses` takes. */
export interface Usable {
  readonly [USE]: ObjectUse;
}

/** What a value stands for; `undefined` when it can't be used so. */
export function useOf(value: unknown): ObjectUse | undefined {
  return typeof value === "object" && value !== null && USE in value ? (value as Usable)[USE] : undefined;
}

/**
 * Whether code with this reach may use an object. Ephemeral ones, whose names begin with `~`, are open to everyone who
 * has been given their id.
 */
export function mayReach(reach: Reach | undefined, name: string): boolean {
  if (name.startsWith("~")) return true;
  return reach?.some((object) => ("name" in object ? object.name === name : matches(object.pattern, name))) === true;
}

/** What several uses reach together, each once. */
export function joinUses(uses: readonly ObjectUse[]): ObjectReach | undefined {
  const reach: Partial<Record<ObjectKind, Map<string, Reach[number]>>> = {};
  for (const { kind, object } of uses) (reach[kind] ??= new Map()).set(JSON.stringify(object), object);
  const kinds = Object.entries(reach).map(([kind, objects]) => [kind, [...objects.values()]] as const);
  return kinds.length === 0 ? undefined : (Object.fromEntries(kinds) as ObjectReach);
}

/** The uses that make up a reach. */
export function listUses(reach: ObjectReach | undefined): readonly ObjectUse[] {
  return Object.entries(reach ?? {}).flatMap(([kind, objects]) => objects.map((object) => ({ kind: kind as ObjectKind, object })));
}

/** Which named objects the code of one Function may use. */
export interface CodeReach {
  readonly app: string;
  readonly fn: string;
  /** Whether the Function has `uses` of its own. */
  readonly hasOwnUses: boolean;
  readonly objects: ObjectReach;
}

/** What a Function of an App may use. */
export function reachOf(app: { readonly reach?: ObjectReach }, fn: { readonly reach?: ObjectReach } | undefined): ObjectReach {
  return fn?.reach ?? app.reach ?? {};
}

/** What the things in a list of `uses` stand for. Throws `InvalidError` for anything that is not a handle or a pattern of names. */
export function resolveUses(what: string, things: unknown): readonly ObjectUse[] {
  if (!Array.isArray(things))
    throw new InvalidError(`${what}: uses is ${showValue(things)}; it must be an array of handles.`, { hint: "Write uses: [seen]." });
  return things.map((thing: unknown, index) => {
    const use = useOf(thing);
    if (use !== undefined) return use;
    throw new InvalidError(`${what}: uses[${index}] is ${showValue(thing)}; it must be a handle, or a pattern of names.`, {
      hint: 'Write uses: [Dict.fromName("seen")], or uses: [Dict.named("user-*")].',
    });
  });
}

// --- Internal helpers ---

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.\\^$+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(name);
}
