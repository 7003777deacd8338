/** How one kind of handle, such as a Function or a Dict, becomes data and a handle again. */
export interface HandleKind {
  is(value: unknown): boolean;
  /** What is sent in its place: any value that can be sent. */
  toData(value: unknown): unknown;
  /** Throws when the data is not what `toData` gives. */
  fromData(data: unknown): unknown;
}

const kinds = new Map<string, HandleKind>();

/** Lets handles of one kind travel inside values; a second registration of a kind takes the place of the first. */
export function registerHandle(kind: string, handle: HandleKind): void {
  kinds.set(kind, handle);
}

/** @internal The registered kind that a value belongs to. */
export function handleKindOf(value: unknown): { readonly kind: string; readonly handle: HandleKind } | undefined {
  for (const [kind, handle] of kinds) if (handle.is(value)) return { kind, handle };
  return undefined;
}

/** @internal The kind registered under a name. */
export function handleKind(kind: string): HandleKind | undefined {
  return kinds.get(kind);
}
