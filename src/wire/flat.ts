import { DeserializationError } from "../model/errors.ts";
import { MAX_NESTING } from "./limits.ts";

/** Types whose members are indexes from the second place on. */
const ALL_INDEXES = new Set(["Set", "Map"]);
/** Types that hold one index, or for some the text itself. */
const ONE_INDEX = new Set(["Bytes", "Inline", "Error", "Handle", "Object"]);
/** Types that hold text. */
const TEXT = new Set(["Date", "RegExp", "BigInt", "URL", "URLSearchParams"]);

const bad = (what: string): never => {
  throw new DeserializationError(`The text does not hold a value: ${what}.`);
};

/**
 * Checks a flat list (devalue's form) before it is put together: every index in it names an entry or is one of
 * the constants, every type is one that is sent, and nothing nests deeper than the limit.
 *
 * @throws DeserializationError
 */
export function checkFlat(values: readonly unknown[]): void {
  if (values.length === 0) bad("it is empty");
  for (const value of values) for (const child of children(value)) checkIndex(child, values.length);
  // An entry takes at least one place in the list, so a short list can't be deep.
  if (values.length > MAX_NESTING) checkDepth(values);
}

function checkIndex(index: unknown, length: number): void {
  if (typeof index !== "number" || !Number.isInteger(index) || index < -6 || index >= length)
    bad(`${JSON.stringify(index)?.slice(0, 40)} is not an index`);
}

/** The indexes that an entry holds. */
function children(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value)) return Object.values(value);
  const [first] = value as readonly unknown[];
  if (typeof first !== "string") return first === -7 ? sparse(value) : value;
  if (ALL_INDEXES.has(first)) {
    if (first === "Map" && value.length % 2 === 0) bad("a Map has a key without a value");
    return value.slice(1);
  }
  if (ONE_INDEX.has(first)) return value.length === 2 ? [value[1]] : bad(`a malformed ${first}`);
  if (first === "null") return nullPrototype(value);
  if (TEXT.has(first))
    return value.slice(1).every((text) => typeof text === "string") && value.length > 1 ? [] : bad(`a malformed ${first}`);
  return bad(`the type ${JSON.stringify(first.slice(0, 40))} is not known`);
}

function sparse(value: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = [];
  for (let i = 3; i < value.length; i += 2) found.push(value[i]);
  return value.length % 2 === 0 ? found : bad("a malformed sparse array");
}

function nullPrototype(value: readonly unknown[]): readonly unknown[] {
  const found: unknown[] = [];
  for (let i = 2; i < value.length; i += 2) found.push(value[i]);
  return value.length % 2 === 1 ? found : bad("a malformed object");
}

/** Follows the entries as the reader does, with a list in place of the stack. */
function checkDepth(values: readonly unknown[]): void {
  const seen = new Uint8Array(values.length);
  const open: { readonly list: readonly unknown[]; next: number }[] = [{ list: [0], next: 0 }];
  while (open.length > 0) {
    const top = open[open.length - 1] as (typeof open)[number];
    const index = top.list[top.next++];
    if (index === undefined) {
      open.pop();
    } else if (typeof index === "number" && index >= 0 && seen[index] === 0) {
      seen[index] = 1;
      open.push({ list: children(values[index]), next: 0 });
      if (open.length > MAX_NESTING * 2 + 10) bad(`it nests deeper than ${MAX_NESTING} levels`);
    }
  }
}
