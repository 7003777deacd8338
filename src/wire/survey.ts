import { types } from "node:util";
import type { EncodedError } from "../model/encoded.ts";
import { SerializationError, TenonError } from "../model/errors.ts";
import { bytesKind, bytesOf } from "./bytes.ts";
import { handleKindOf } from "./handles.ts";
import { MAX_NESTING } from "./limits.ts";
import { className, describeFunction, describeObject } from "./unsendable.ts";
import { shortPath, type Step } from "./value-steps.ts";

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

/**
 * Walks a value before it is written: finds bytes, errors and handles, and refuses what can't be sent.
 *
 * @throws SerializationError with the path to the first thing that can't be sent.
 */
export function survey(value: unknown, root: string, options: SurveyOptions): Survey {
  const surveyor = new Surveyor(root, options);
  surveyor.survey(value);
  return surveyor;
}

// --- Internal helpers ---

class Surveyor implements Survey {
  readonly stand = new Map<unknown, Stand>();
  readonly parts: Uint8Array[] = [];
  readonly #root: string;
  readonly #options: SurveyOptions;
  readonly #seen = new Set<unknown>();
  /** The way to what is looked at now. */
  readonly #steps: Step[] = [];
  #inlined = 0;

  constructor(root: string, options: SurveyOptions) {
    this.#root = root;
    this.#options = options;
  }

  survey(value: unknown): void {
    try {
      this.#visit(value);
    } catch (error) {
      if (TenonError.is(error)) throw error;
      throw new SerializationError(`${shortPath(this.#root, this.#steps)} can't be sent: reading it failed.`, {
        cause: error,
        hint: "Look at the cause: a proxy, a handle or a detached buffer threw.",
      });
    }
  }

  #refuse(what: string, hint: string): never {
    throw new SerializationError(`${shortPath(this.#root, this.#steps)} can't be sent: it is ${what}.`, { hint });
  }

  #visit(thing: unknown): void {
    const type = typeof thing;
    if (type === "symbol") this.#refuse(`a symbol (${String(thing)})`, "Send a string in its place.");
    if (thing === null || (type !== "object" && type !== "function")) return;
    if (this.#seen.has(thing)) return;
    this.#seen.add(thing);
    if (this.#steps.length > MAX_NESTING)
      this.#refuse(`nested deeper than ${MAX_NESTING} levels`, "Send it flatter, such as a list of nodes that name each other by index.");
    const object = thing as object;
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (Array.isArray(object) && isClass(prototype, Array.prototype, "Array")) this.#visitArray(object);
    else if (prototype === null || isClass(prototype, Object.prototype, "Object")) this.#visitObject(object);
    else this.#visitOther(object, prototype);
  }

  #member(object: object, key: string | number): void {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    if (descriptor === undefined) return;
    this.#steps.push(key);
    if (!("value" in descriptor)) this.#refuse("an accessor (a getter or setter)", "Send an object that holds the value itself.");
    if (key === "__proto__") this.#refuse("a property named __proto__", "Leave that property out.");
    this.#visit(descriptor.value);
    this.#steps.pop();
  }

  #inside(step: Step, thing: unknown): void {
    this.#steps.push(step);
    this.#visit(thing);
    this.#steps.pop();
  }

  #visitArray(array: readonly unknown[]): void {
    let holes = 0;
    for (let i = 0; i < array.length; i++) {
      if (Object.hasOwn(array, i)) this.#member(array, i);
      else if (++holes > MANY_HOLES) {
        // There may be billions of them: go by what is there. Named properties of an array do not travel.
        for (const key of Object.keys(array)) if (Number(key) > i && String(Number(key)) === key) this.#member(array, Number(key));
        return;
      }
    }
  }

  #visitObject(object: object): void {
    for (const symbol of Object.getOwnPropertySymbols(object)) {
      if (!Object.prototype.propertyIsEnumerable.call(object, symbol) && symbol !== Symbol.toStringTag) continue;
      this.#steps.push({ step: `[${String(symbol)}]` });
      this.#refuse("a property whose key is a symbol", "Use a string as the key.");
    }
    for (const key of Object.keys(object)) this.#member(object, key);
  }

  #visitOther(object: object, prototype: object): void {
    if (types.isMap(object) && isClass(prototype, Map.prototype, "Map")) this.#visitMap(object);
    else if (types.isSet(object) && isClass(prototype, Set.prototype, "Set")) this.#visitSet(object);
    else if (travelsAsItIs(object, prototype)) return;
    else if (types.isAnyArrayBuffer(object) || ArrayBuffer.isView(object)) this.#visitBytes(object);
    else this.#visitInstance(object);
  }

  #visitMap(map: ReadonlyMap<unknown, unknown>): void {
    let index = 0;
    for (const [key, item] of Map.prototype.entries.call(map)) {
      this.#inside({ step: `.keys()[${index++}]` }, key);
      this.#inside({ mapKey: key }, item);
    }
  }

  #visitSet(set: ReadonlySet<unknown>): void {
    let index = 0;
    for (const item of Set.prototype.values.call(set)) this.#inside({ step: `.values()[${index++}]` }, item);
  }

  #visitBytes(object: ArrayBuffer | SharedArrayBuffer | ArrayBufferView): void {
    const kind = bytesKind(object);
    const shared = types.isSharedArrayBuffer(object) || (ArrayBuffer.isView(object) && types.isSharedArrayBuffer(object.buffer));
    if (shared) this.#refuse("shared memory (a SharedArrayBuffer)", "Send a copy: new Uint8Array(view).");
    if (kind === undefined)
      return this.#refuse(`an instance of ${className(object)}`, "Send a Buffer or a typed array of a standard class.");
    const bytes = bytesOf(object as ArrayBuffer | ArrayBufferView);
    const { inlineBytes } = this.#options;
    if (inlineBytes === undefined) {
      this.stand.set(object, { tag: "Bytes", data: [kind, this.parts.push(bytes) - 1] });
      return;
    }
    this.#inlined += bytes.byteLength;
    if (this.#inlined > inlineBytes) this.#refuse(`more than ${inlineBytes} bytes inside an error`, "Return large data as the result.");
    const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
    this.stand.set(object, { tag: "Inline", data: [kind, base64] });
  }

  #visitInstance(object: object): void {
    const found = handleKindOf(object);
    if (found !== undefined) {
      const data = found.handle.toData(object);
      this.stand.set(object, { tag: "Handle", data: [found.kind, data] });
      this.#visit(data);
    } else if (typeof object === "function") {
      const hint = "Send data, and call the function where it is defined; a Function's handle can be sent.";
      this.#refuse(describeFunction(object), hint);
    } else if (object instanceof Error || types.isNativeError(object)) {
      // As text of its own: errors are trees, and stay so whatever arrives.
      this.stand.set(object, { tag: "Error", data: JSON.stringify(this.#options.encodeError(object)) });
    } else this.#refuse(...describeObject(object));
  }
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

function travelsAsItIs(object: object, prototype: object): boolean {
  if (types.isDate(object)) return isClass(prototype, Date.prototype, "Date");
  if (types.isRegExp(object)) return isClass(prototype, RegExp.prototype, "RegExp");
  return prototype === URL.prototype || prototype === URLSearchParams.prototype;
}
