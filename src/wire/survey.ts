import { inspect, types } from "node:util";
import type { EncodedError } from "../model/encoded.ts";
import { SerializationError, TenonError } from "../model/errors.ts";
import { bytesKind, bytesOf } from "./bytes.ts";
import { handleKindOf } from "./handles.ts";
import { MAX_NESTING } from "./limits.ts";

/** What a value holds that travels in another form than its own. */
export interface Survey {
  /** Bytes, errors and handles, with the form each is sent in. */
  readonly stand: Map<unknown, Stand>;
  /** The bytes, in the order of their indexes. */
  readonly parts: Uint8Array[];
}

/** The form that something is sent in. */
export type Stand =
  | { readonly tag: "Bytes"; readonly data: readonly [kind: string, part: number] }
  | { readonly tag: "Inline"; readonly data: readonly [kind: string, base64: string] }
  | { readonly tag: "Error"; readonly data: string }
  | { readonly tag: "Handle"; readonly data: readonly [kind: string, data: unknown] };

/** How bytes and errors are to be sent. */
export interface SurveyOptions {
  /** Bytes go into the text, as base64, at most this many; they go beside it when this is absent. */
  readonly inlineBytes?: number;
  readonly encodeError: (error: unknown) => EncodedError;
}

/** Holes in an array after which the rest is read by its keys. */
const MANY_HOLES = 1_000;

const PLAIN_HINT = "Send a plain object, or rebuild the instance on the other side.";

/**
 * Walks a value before it is written: finds bytes, errors and handles, and refuses what can't be sent.
 *
 * @throws SerializationError with the path to the first thing that can't be sent.
 */
export function survey(value: unknown, root: string, options: SurveyOptions): Survey {
  const stand = new Map<unknown, Stand>();
  const parts: Uint8Array[] = [];
  const seen = new Set<unknown>();
  const keys: Step[] = [];
  let inlined = 0;

  const refuse = (what: string, hint: string): never => {
    throw new SerializationError(`${shortPath(root, keys)} can't be sent: it is ${what}.`, { hint });
  };

  const visit = (thing: unknown): void => {
    const type = typeof thing;
    if (type === "symbol") refuse(`a symbol (${String(thing)})`, "Send a string in its place.");
    if (thing === null || (type !== "object" && type !== "function")) return;
    if (seen.has(thing)) return;
    seen.add(thing);
    if (keys.length > MAX_NESTING)
      refuse(`nested deeper than ${MAX_NESTING} levels`, "Send it flatter, such as a list of nodes that name each other by index.");
    const object = thing as object;
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (Array.isArray(object) && isClass(prototype, Array.prototype, "Array")) return visitArray(object);
    if (prototype === null || isClass(prototype, Object.prototype, "Object")) return visitObject(object);
    visitOther(object);
  };

  const member = (object: object, key: string | number): void => {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined) return;
    keys.push(key);
    if (!("value" in descriptor)) refuse("an accessor (a getter or setter)", "Send an object that holds the value itself.");
    if (key === "__proto__") refuse("a property named __proto__", "Leave that property out.");
    visit(descriptor.value);
    keys.pop();
  };

  const visitArray = (array: readonly unknown[]): void => {
    let holes = 0;
    for (let i = 0; i < array.length; i++) {
      if (Object.hasOwn(array, i)) member(array, i);
      else if (++holes > MANY_HOLES) {
        // There may be billions of them: go by what is there. Named properties of an array do not travel.
        for (const key of Object.keys(array)) if (Number(key) > i && String(Number(key)) === key) member(array, Number(key));
        return;
      }
    }
  };

  const visitObject = (object: object): void => {
    for (const symbol of Object.getOwnPropertySymbols(object)) {
      if (!Object.prototype.propertyIsEnumerable.call(object, symbol) && symbol !== Symbol.toStringTag) continue;
      keys.push({ step: `[${String(symbol)}]` });
      refuse("a property whose key is a symbol", "Use a string as the key.");
    }
    for (const key of Object.keys(object)) member(object, key);
  };

  const visitOther = (object: object): void => {
    if (types.isMap(object) && isClass(Object.getPrototypeOf(object), Map.prototype, "Map")) {
      let index = 0;
      for (const [key, item] of Map.prototype.entries.call(object)) {
        inside({ step: `.keys()[${index++}]` }, key);
        inside({ mapKey: key }, item);
      }
      return;
    }
    if (types.isSet(object) && isClass(Object.getPrototypeOf(object), Set.prototype, "Set")) {
      let index = 0;
      for (const item of Set.prototype.values.call(object)) inside({ step: `.values()[${index++}]` }, item);
      return;
    }
    if (travelsAsItIs(object)) return;
    if (types.isAnyArrayBuffer(object) || ArrayBuffer.isView(object)) return visitBytes(object);
    const found = handleKindOf(object);
    if (found !== undefined) {
      const data = found.handle.toData(object);
      stand.set(object, { tag: "Handle", data: [found.kind, data] });
      return visit(data);
    }
    if (typeof object === "function")
      return refuse(describeFunction(object), "Send data, and call the function where it is defined; a Function's handle can be sent.");
    if (object instanceof Error || types.isNativeError(object)) {
      // As text of its own: errors are trees, and stay so whatever arrives.
      stand.set(object, { tag: "Error", data: JSON.stringify(options.encodeError(object)) });
      return;
    }
    refuse(...describeObject(object));
  };

  const inside = (key: Step, thing: unknown): void => {
    keys.push(key);
    visit(thing);
    keys.pop();
  };

  const visitBytes = (object: ArrayBuffer | SharedArrayBuffer | ArrayBufferView): void => {
    const kind = bytesKind(object);
    const shared = types.isSharedArrayBuffer(object) || (ArrayBuffer.isView(object) && types.isSharedArrayBuffer(object.buffer));
    if (shared) return refuse("shared memory (a SharedArrayBuffer)", "Send a copy: new Uint8Array(view).");
    if (kind === undefined) return refuse(`an instance of ${className(object)}`, "Send a Buffer or a typed array of a standard class.");
    const bytes = bytesOf(object as ArrayBuffer | ArrayBufferView);
    if (options.inlineBytes === undefined) {
      stand.set(object, { tag: "Bytes", data: [kind, parts.push(bytes) - 1] });
      return;
    }
    inlined += bytes.byteLength;
    if (inlined > options.inlineBytes) refuse(`more than ${options.inlineBytes} bytes inside an error`, "Return large data as the result.");
    stand.set(object, { tag: "Inline", data: [kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")] });
  };

  try {
    visit(value);
  } catch (error) {
    if (TenonError.is(error)) throw error;
    throw new SerializationError(`${shortPath(root, keys)} can't be sent: reading it failed.`, {
      cause: error,
      hint: "See the cause: a proxy, a handle or a detached buffer threw.",
    });
  }
  return { stand, parts };
}

/** Whether a prototype is that of a built-in class, of this realm or another (a vm context has its own). */
function isClass(prototype: object | null, own: object, name: string): boolean {
  if (prototype === own) return true;
  const constructor: unknown = prototype !== null && Object.hasOwn(prototype, "constructor") ? prototype.constructor : undefined;
  return (
    typeof constructor === "function" &&
    constructor.name === name &&
    Function.prototype.toString.call(constructor) === `function ${name}() { [native code] }`
  );
}

function travelsAsItIs(object: object): boolean {
  const prototype = Object.getPrototypeOf(object) as object | null;
  if (types.isDate(object)) return isClass(prototype, Date.prototype, "Date");
  if (types.isRegExp(object)) return isClass(prototype, RegExp.prototype, "RegExp");
  return prototype === URL.prototype || prototype === URLSearchParams.prototype;
}

function describeFunction(fn: object): string {
  const text = Function.prototype.toString.call(fn);
  const name = (fn as { name?: unknown }).name;
  const what = text.startsWith("class") ? "a class" : "a function";
  return typeof name === "string" && name !== "" ? `${what} (${name})` : what;
}

function describeObject(object: object): [what: string, hint: string] {
  if (types.isPromise(object)) return ["a promise", "Await it first."];
  if (types.isGeneratorObject(object))
    return ["a generator", "Collect what it yields into an array, or use an async generator as the Function."];
  if (types.isWeakMap(object) || types.isWeakSet(object))
    return [`a ${className(object)}`, "Send a Map or a Set of what the other side needs."];
  if (types.isBoxedPrimitive(object)) return [`a boxed primitive (${className(object)})`, "Send the primitive itself: value.valueOf()."];
  const streamLike = object as { pipe?: unknown; getReader?: unknown; getWriter?: unknown; write?: unknown };
  if (
    typeof streamLike.pipe === "function" ||
    typeof streamLike.getReader === "function" ||
    typeof streamLike.getWriter === "function" ||
    (typeof streamLike.write === "function" && "writable" in object)
  ) {
    return [`a stream (${className(object)})`, "Read it first and send the bytes, or send where the data can be read."];
  }
  return [`an instance of ${className(object)}`, PLAIN_HINT];
}

function className(object: object): string {
  const name: unknown = (object as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? name : "a class without a name";
}

/** A step of a path: a property, an index, the value of a Map's key, or a step spelled out. */
export type Step = string | number | { readonly mapKey: unknown } | { readonly step: string };

function show(key: Step): string {
  if (typeof key === "number") return `[${key}]`;
  if (typeof key === "object") return "step" in key ? key.step : `.get(${mapKey(key.mapKey)})`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function mapKey(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  return typeof key === "object" || typeof key === "function" ? "…" : inspect(key);
}

/** The whole path, or its two ends when it is thousands of levels long. */
export function shortPath(root: string, keys: readonly Step[]): string {
  const shown = (some: readonly Step[]): string => some.map(show).join("");
  return keys.length <= 40 ? root + shown(keys) : `${root}${shown(keys.slice(0, 10))}…${shown(keys.slice(-10))}`;
}
