import { types } from "node:util";
import type { EncodedValue } from "../model/encoded.ts";
import { InvalidError, RequestSizeError, SerializationError } from "../model/errors.ts";
import { lazyCrypto } from "../util/lazy-crypto.ts";
import { bytesKind, bytesOf, fromBytes } from "./bytes.ts";
import { encodeInline } from "./codec.ts";
import { handleKindOf } from "./handles.ts";
import { decodeItem, encodeItem } from "./item.ts";
import { MAX_KEY_BYTES, MAX_NESTING } from "./limits.ts";
import { survey } from "./survey.ts";
import { shortPath, type Step } from "./value-steps.ts";

/**
 * Encodes a key in its canonical form: two keys are the same when `keyText` of both is. It decodes to an equal value.
 *
 * Every value that can be sent can be a key, except errors, whose stacks differ each time, and values with cycles. Keys
 * are compared by what they hold:
 * - the properties of an object, the entries of a Map and the members of a Set have no order; an object without a
 *   prototype is one with; a property that is `undefined` is not one that is missing;
 * - arrays have an order, and a hole in one is not `undefined`;
 * - -0 is 0 and NaN is NaN, as in a Map; 1n is not 1;
 * - a Date is its time, a RegExp its source and flags, a URL its text, a handle what it names;
 * - typed arrays are their class and their bytes, so that a Buffer is not a Uint8Array;
 * - whether two parts of a key are one object or two equal ones makes no difference.
 *
 * Throws `SerializationError` with the path to what can't be in a key, `RequestSizeError` above 256 KiB.
 */
export function encodeKey(key: unknown): EncodedValue {
  if (typeof key === "string" && key.length < SHORT) return { codec: "json", text: JSON.stringify(key), parts: NO_PARTS };
  const isPrimitive = key === null || (typeof key !== "object" && typeof key !== "function");
  const encoded = encodeInline(isPrimitive ? withoutNegativeZero(key) : canonicalCopy(key), ROOT, Number.POSITIVE_INFINITY);
  // No character of UTF-16 takes more than three bytes of UTF-8.
  if (encoded.text.length * 3 > MAX_KEY_BYTES && Buffer.byteLength(encoded.text) > MAX_KEY_BYTES) throw tooLarge();
  return encoded;
}

/**
 * All of a key as one text: `j` or `d` for its codec, then its own text.
 *
 * Throws `InvalidError` for a value with bytes beside its text, which `encodeKey` has not made.
 */
export function keyText(key: EncodedValue): string {
  if (key.parts.length > 0)
    throw new InvalidError(`A key holds its bytes in its text; this one has ${key.parts.length} parts beside it.`, {
      hint: "Encode it with encodeKey.",
    });
  return encodeItem(key);
}

/** The key that a text of {@link keyText} stands for. */
export function keyOfText(text: string): EncodedValue {
  return decodeItem(text, NO_PARTS);
}

/** SHA-256 of a text of {@link keyText}: 43 letters, digits, dashes and underscores. */
export function keyHash(text: string): string {
  return lazyCrypto().createHash("sha256").update(text).digest("base64url");
}

// --- Internal helpers ---

const ROOT = "key";
/** Characters of a string that is short enough as a key whatever they are: JSON makes six of one at most. */
const SHORT = 1_000;
const NO_PARTS: readonly Uint8Array[] = Object.freeze([]);

function withoutNegativeZero(value: unknown): unknown {
  return value === 0 ? 0 : value;
}

/** A tree of fresh objects in canonical order: nothing in it is there twice. */
function canonicalCopy(key: object): unknown {
  // Refuses what can't be sent at all, by its path.
  survey(key, ROOT, { encodeError: () => ({ className: "Error", message: "" }) });
  const open = new Set<object>();
  const steps: Step[] = [];
  let count = 0;

  const inside = (step: Step, value: unknown): unknown => {
    steps.push(step);
    const copy = visit(value);
    steps.pop();
    return copy;
  };

  const visit = (value: unknown): unknown => {
    // Each takes a byte at least. What is there often is written out as often.
    if (++count > MAX_KEY_BYTES) throw tooLarge();
    if (value === null || (typeof value !== "object" && typeof value !== "function")) return withoutNegativeZero(value);
    if (open.has(value)) throw refused(steps, "refers back to what it is in", "Take the cycle out of it, or use an id as the key.");
    if (steps.length > MAX_NESTING) throw refused(steps, `is nested deeper than ${MAX_NESTING} levels`, "Make it flatter, or hash it.");
    open.add(value);
    const copy = copyOf(value);
    open.delete(value);
    return copy;
  };

  const copyOf = (value: object): unknown => {
    if (Array.isArray(value)) return copyArray(value);
    if (types.isMap(value)) {
      const entries = [...value].map(([k, v], i) => [inside({ step: `.keys()[${i}]` }, k), inside({ mapKey: k }, v)] as const);
      return new Map(inOrder(entries));
    }
    if (types.isSet(value)) return new Set(inOrder([...value].map((item, i) => inside({ step: `.values()[${i}]` }, item))));
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value))
      return fromBytes(bytesKind(value) ?? "", bytesOf(value as ArrayBufferView).slice());
    if (types.isDate(value)) return new Date(value);
    if (types.isRegExp(value)) return new RegExp(value.source, value.flags);
    if (value instanceof URL) return new URL(value);
    if (value instanceof URLSearchParams) return new URLSearchParams(value);
    if (value instanceof Error || types.isNativeError(value))
      throw refused(steps, "is an error, and no two errors have the same stack", "Use its code or its message.");
    const handle = handleKindOf(value)?.handle;
    return handle === undefined ? copyObject(value) : handle.fromData(handle.toData(value));
  };

  const copyArray = (array: readonly unknown[]): unknown[] => {
    const copy = new Array<unknown>(array.length);
    // By what is there: an array may have billions of holes. Named properties do not travel.
    for (const name of Object.keys(array)) {
      const index = Number(name);
      if (String(index) === name && index >= 0 && index < array.length) copy[index] = inside(index, array[index]);
    }
    return copy;
  };

  const copyObject = (object: object): Record<string, unknown> => {
    const copy: Record<string, unknown> = {};
    for (const name of Object.keys(object).toSorted()) copy[name] = inside(name, (object as Record<string, unknown>)[name]);
    return copy;
  };

  return visit(key);
}

/** The items by the canonical form of each. */
function inOrder<T>(items: readonly T[]): readonly T[] {
  if (items.length < 2) return items;
  const texts = items.map((item) => [keyText(encodeInline(item, ROOT, Number.POSITIVE_INFINITY)), item] as const);
  return texts.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
}

function refused(steps: readonly Step[], why: string, hint: string): SerializationError {
  return new SerializationError(`${shortPath(ROOT, steps)} can't be part of a key: it ${why}.`, { hint });
}

function tooLarge(): RequestSizeError {
  return new RequestSizeError(`A key is larger than ${MAX_KEY_BYTES} bytes, encoded; that is the most.`, {
    hint: "Use a hash of it as the key, and keep it in the value.",
  });
}
