import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import type { ObjectKind } from "./object-kinds.ts";
import { canonicalReach, type ObjectReach, type Reach } from "./reach.ts";

/** One thing that code says it uses; without an object, only those of its kind that have no name. */
export interface ObjectUse {
  readonly kind: ObjectKind;
  readonly object?: ObjectReach;
}

/** Under this property a handle, a pattern of names, or the class of a kind says what it stands for. */
export const USE = Symbol.for("tenon.use");

/** What `uses` takes: a handle of a named object, a pattern of names, or the class of a kind for objects without names. */
export interface Usable {
  readonly [USE]: ObjectUse;
}

/** Which named objects the code of one Function may use. */
export interface CodeReach {
  readonly app: string;
  readonly fn: string;
  /** Whether the Function has `uses` of its own. */
  readonly hasOwnUses: boolean;
  readonly objects: Reach;
}

/** What the things in a list of `uses` stand for. Throws `InvalidError` for anything else. */
export function resolveUses(what: string, things: unknown): readonly ObjectUse[] {
  if (!Array.isArray(things))
    throw new InvalidError(`${what}: uses is ${showValue(things)}. It must be an array of handles.`, { hint: "Write uses: [seen]." });
  return things.map((thing: unknown, index) => {
    const use = useOf(thing);
    if (use !== undefined) return use;
    throw new InvalidError(`${what}: uses[${index}] is ${showValue(thing)}. It must be a handle, or a pattern of names.`, {
      hint: 'Write uses: [Dict.fromName("seen")], or uses: [Dict.named("user-*")].',
    });
  });
}

/** What several uses reach together, in the one form that equal reaches have. */
export function joinUses(uses: readonly ObjectUse[]): Reach {
  const reach: Partial<Record<ObjectKind, ObjectReach[]>> = {};
  for (const { kind, object } of uses) (reach[kind] ??= []).push(...(object === undefined ? [] : [object]));
  return canonicalReach(reach);
}

/** The uses that make up a reach. */
export function listUses(reach: Reach = {}): readonly ObjectUse[] {
  return Object.entries(reach).flatMap(([kind, objects]): readonly ObjectUse[] =>
    objects.length === 0 ? [{ kind: kind as ObjectKind }] : objects.map((object) => ({ kind: kind as ObjectKind, object })),
  );
}

// --- Internal helpers ---

function useOf(value: unknown): ObjectUse | undefined {
  const mayBe = (typeof value === "object" && value !== null) || typeof value === "function";
  return mayBe && USE in value ? (value as Usable)[USE] : undefined;
}
