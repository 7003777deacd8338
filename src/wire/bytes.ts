import { types } from "node:util";
import { DeserializationError } from "../model/errors.ts";

/** The views that travel, by the name of their class. */
const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

/** The name that bytes travel under, such as `Buffer` or `Float64Array`; `undefined` when they can't. */
export function bytesKind(value: object): string | undefined {
  if (Buffer.isBuffer(value)) return "Buffer";
  const name: unknown = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  if (name === "ArrayBuffer" && types.isArrayBuffer(value)) return name;
  if (name === "DataView" && types.isDataView(value)) return name;
  if (typeof name === "string" && Object.hasOwn(VIEWS, name) && types.isTypedArray(value)) return name;
  return undefined;
}

/** The bytes of a buffer or view: the same memory, nothing copied. */
export function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return types.isAnyArrayBuffer(value) ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * The value that bytes stand for, in memory of its own of exactly its size: `value.buffer` is then what its readers expect.
 * The bytes are copied unless their memory is theirs alone already; the caller must not use them afterwards.
 */
export function fromBytes(kind: string, bytes: Uint8Array): unknown {
  const memory = ownMemory(bytes);
  if (kind === "Buffer") return Buffer.from(memory);
  if (kind === "ArrayBuffer") return memory;
  if (kind === "DataView") return new DataView(memory);
  if (!Object.hasOwn(VIEWS, kind)) {
    throw new DeserializationError(`Bytes of the kind ${JSON.stringify(kind)} are not known.`, {
      hint: "Use one version of Tenon on both sides.",
    });
  }
  const View = VIEWS[kind as keyof typeof VIEWS];
  if (memory.byteLength % View.BYTES_PER_ELEMENT !== 0) {
    throw new DeserializationError(`A ${kind} can't have ${memory.byteLength} bytes. Its elements have ${View.BYTES_PER_ELEMENT} each.`);
  }
  return new View(memory);
}

// --- Internal helpers ---

function ownMemory(bytes: Uint8Array): ArrayBuffer {
  const { buffer } = bytes;
  return bytes.byteLength === buffer.byteLength && types.isArrayBuffer(buffer) ? buffer : new Uint8Array(bytes).buffer;
}
