import { MAX_NESTING } from "./limits.ts";

const hasOwn = Object.hasOwn;
const prototypeOf = Object.getPrototypeOf;
const descriptorOf = Object.getOwnPropertyDescriptor;
const symbolsOf = Object.getOwnPropertySymbols;

/** A list is quicker than a Set while it is short, and most values hold few objects. */
const SHORT = 12;
const few: unknown[] = [];
let many: Set<unknown> | undefined;

/**
 * Whether `JSON.parse(JSON.stringify(value))` gives the same value back, with the same identities.
 *
 * In doubt it says no: the slower codec then carries the value or refuses it by path.
 */
export function isPlainJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return isPlainNumber(value);
    case "object":
      if (value === null) return true;
      break;
    default:
      return false;
  }
  try {
    return isPlainObject(value, 1);
  } finally {
    few.length = 0;
    many = undefined;
  }
}

function isPlainNumber(value: number): boolean {
  // Infinity and NaN give NaN here; -0 is told from 0 by its reciprocal.
  return value - value === 0 && (value !== 0 || 1 / value > 0);
}

function isPlainObject(value: object, depth: number): boolean {
  if (depth > MAX_NESTING || seenBefore(value)) return false;
  const prototype: unknown = prototypeOf(value);
  if (prototype === Array.prototype) return Array.isArray(value) && isPlainArray(value, depth);
  if (prototype !== Object.prototype || symbolsOf(value).length > 0) return false;
  for (const key in value) {
    if (key === "__proto__") return false;
    const descriptor = descriptorOf(value, key);
    // Without one the key is inherited: Object.prototype has been extended. An accessor's has no value.
    if (descriptor === undefined || !isPlainMember(descriptor.value, depth)) return false;
  }
  return !("toJSON" in value) || hasOwn(value, "toJSON");
}

function isPlainArray(value: readonly unknown[], depth: number): boolean {
  for (let i = 0; i < value.length; i++) {
    // A hole reads as undefined, which is not plain either.
    if (!isPlainMember(value[i], depth)) return false;
  }
  return !("toJSON" in value);
}

function isPlainMember(member: unknown, depth: number): boolean {
  switch (typeof member) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return isPlainNumber(member);
    case "object":
      return member === null || isPlainObject(member, depth + 1);
    default:
      return false;
  }
}

function seenBefore(value: object): boolean {
  if (many !== undefined) {
    if (many.has(value)) return true;
    many.add(value);
    return false;
  }
  for (let i = 0; i < few.length; i++) if (few[i] === value) return true;
  few.push(value);
  if (few.length > SHORT) many = new Set(few);
  return false;
}

/**
 * Whether a JSON text opens more brackets inside each other than `MAX_NESTING` (plus `extra`).
 *
 * `JSON.parse` itself takes any depth, and memory with it; this reads the text without building anything.
 */
export function nestsTooDeep(text: string, extra = 0): boolean {
  const limit = MAX_NESTING + extra;
  if (text.length <= limit) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === 0x22) {
      i = endOfString(text, i);
      if (i === -1) return false;
    } else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (char === 0x5d || char === 0x7d) {
      depth -= 1;
    }
  }
  return false;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; ; i++) {
    i = text.indexOf('"', i);
    if (i === -1) return -1;
    let slashes = 0;
    while (text.charCodeAt(i - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return i;
  }
}
