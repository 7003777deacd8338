/**
 * The kinds of objects that live in an environment, outlive every App, and are shared by Apps: each by the name of its port,
 * with the class of its handles and what its ids begin with, as in Modal.
 */
export const OBJECT_KINDS = {
  dict: { word: "Dict", idPrefix: "di" },
} as const satisfies Readonly<Record<string, { readonly word: string; readonly idPrefix: string }>>;

/** A kind of objects, such as `dict`. */
export type ObjectKind = keyof typeof OBJECT_KINDS;

/** What a kind is called in code and messages, such as `Dict`. */
export type ObjectKindName = (typeof OBJECT_KINDS)[ObjectKind]["word"];

/** What the ids of a kind begin with. */
export type ObjectIdPrefix = (typeof OBJECT_KINDS)[ObjectKind]["idPrefix"];
