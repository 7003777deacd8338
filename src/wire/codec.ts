import { stringify, unflatten } from "devalue";
import type { EncodedValue } from "../model/encoded.ts";
import { DeserializationError, SerializationError } from "../model/errors.ts";
import { fromBytes } from "./bytes.ts";
import { encodeError, rebuild } from "./error-codec.ts";
import { readError } from "./error-shape.ts";
import { checkFlat } from "./flat.ts";
import { handleKind } from "./handles.ts";
import { describe, parseObject } from "./json-fields.ts";
import { MAX_BIGINT_DIGITS, MAX_NESTING } from "./limits.ts";
import { isPlainJson, nestsTooDeep } from "./plain.ts";
import { type Stand, survey } from "./survey.ts";

export { registerHandle } from "./handles.ts";

const NO_PARTS: readonly Uint8Array[] = Object.freeze([]);
const UNDEFINED: EncodedValue = Object.freeze({ codec: "devalue", text: "-1", parts: NO_PARTS });

/**
 * Encodes a value to be sent.
 *
 * Plain JSON values become JSON. Everything else keeps Dates, Maps, Sets, BigInt, RegExp, URL, `undefined`, NaN,
 * -0, holes, repeated references, cycles, errors and registered handles; Buffers, typed arrays and ArrayBuffers
 * go into `parts` as views on the same memory, so they must not change until they are sent. Each view travels
 * with its own bytes: two views on one ArrayBuffer arrive apart. Named properties of arrays are left out.
 *
 * `path` names the root in errors: with `args`, a message reads `args[0].rows[3].callback can't be sent`.
 *
 * @throws SerializationError for functions, symbols, streams, promises, accessors, class instances and nesting
 *   deeper than 1,000 levels.
 */
export function encode(value: unknown, path = "value"): EncodedValue {
  return encodePlain(value) ?? encodeRich(value, path, undefined);
}

/** @internal Encodes with bytes inside the text, at most `inlineBytes` of them, for places that hold text only. */
export function encodeInline(value: unknown, path: string, inlineBytes: number): EncodedValue {
  return encodePlain(value) ?? encodeRich(value, path, inlineBytes);
}

function encodePlain(value: unknown): EncodedValue | undefined {
  if (value === undefined) return UNDEFINED;
  try {
    return isPlainJson(value) ? { codec: "json", text: JSON.stringify(value), parts: NO_PARTS } : undefined;
  } catch {
    // A proxy that throws, or a stack that is nearly used up: the other way says which, and where.
    return undefined;
  }
}

function encodeRich(value: unknown, path: string, inlineBytes: number | undefined): EncodedValue {
  const { stand, parts } = survey(value, path, inlineBytes === undefined ? { encodeError } : { encodeError, inlineBytes });
  const reducers: Record<string, (thing: unknown) => unknown> = {};
  if (stand.size > 0) {
    for (const tag of ["Bytes", "Inline", "Error", "Handle"] satisfies Stand["tag"][]) {
      reducers[tag] = (thing) => {
        if (thing === null || (typeof thing !== "object" && typeof thing !== "function")) return undefined;
        const found = stand.get(thing);
        return found?.tag === tag ? found.data : undefined;
      };
    }
  }
  try {
    return { codec: "devalue", text: stringify(value, reducers), parts: parts.length === 0 ? NO_PARTS : parts };
  } catch (error) {
    throw new SerializationError(`${path} can't be sent: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
      hint: "Send plain objects, arrays, strings, numbers, Dates, Maps, Sets, typed arrays.",
    });
  }
}

/**
 * Decodes what `encode` made, or plain JSON of any origin.
 *
 * Every Buffer, typed array and ArrayBuffer has memory of its own. A part that owns its memory becomes its value's; it is
 * copied otherwise. Text from anywhere is safe to decode: nothing is executed, no prototype is changed.
 *
 * @throws DeserializationError when the text does not hold a value.
 */
export function decode(value: EncodedValue): unknown {
  const { codec, text, parts } = value;
  try {
    if (codec === "json") {
      if (nestsTooDeep(text)) throw tooDeep();
      return JSON.parse(text);
    }
    if (codec !== "devalue")
      throw new DeserializationError(`A value says it is encoded as ${JSON.stringify(codec)}; json and devalue are known.`);
    if (text === "-1") return undefined;
    return decodeRich(text, parts);
  } catch (error) {
    if (error instanceof DeserializationError) throw error;
    throw new DeserializationError(
      `The ${text.length} characters received do not hold a value: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
        hint: "Send what Tenon wrote, whole: it was cut off or changed on the way, or something else made it.",
      },
    );
  }
}

function decodeRich(text: string, parts: readonly Uint8Array[]): unknown {
  // Entries are flat: what nests here is not a value that Tenon wrote.
  if (nestsTooDeep(text)) throw tooDeep();
  const flat: unknown = JSON.parse(text);
  if (typeof flat === "number") {
    if (!Number.isInteger(flat) || flat > -1 || flat < -6 || flat === -2) throw new DeserializationError(`${flat} is not a value.`);
    return unflatten(flat);
  }
  if (!Array.isArray(flat)) throw new DeserializationError("The text does not hold a value: it is not a list.");
  checkFlat(flat);
  return unflatten(flat as unknown[], revivers(parts));
}

function revivers(parts: readonly Uint8Array[]): Record<string, (data: unknown) => unknown> {
  const left: (Uint8Array | undefined)[] = parts.slice();
  return {
    Bytes: (data: unknown) => {
      const [kind, index] = pair(data, "Bytes");
      const part = typeof index === "number" ? left[index] : undefined;
      if (typeof kind !== "string" || part === undefined) {
        throw new DeserializationError(
          `Bytes name part ${describe(index)}, which did not come along (there are ${parts.length}) or is taken.`,
        );
      }
      // Each part is one value: named a thousand times, it would be copied as often.
      left[index as number] = undefined;
      return fromBytes(kind, part);
    },
    Inline: (data: unknown) => {
      const [kind, base64] = pair(data, "Inline");
      if (typeof kind !== "string" || typeof base64 !== "string") throw new DeserializationError("Bytes in the text are malformed.");
      return fromBytes(kind, new Uint8Array(Buffer.from(base64, "base64")));
    },
    Error: (data: unknown) => {
      if (typeof data !== "string") throw new DeserializationError("A malformed Error.");
      return rebuild(readError(parseObject(data, "error")));
    },
    Handle: (data: unknown) => {
      const [kind, state] = pair(data, "Handle");
      const handle = typeof kind === "string" ? handleKind(kind) : undefined;
      if (handle === undefined) {
        throw new DeserializationError(`A handle of the kind ${JSON.stringify(kind)} arrived, which is not known here.`, {
          hint: 'Import its class from "tenon" in the App that gets it, and use one version of Tenon on both sides.',
        });
      }
      return handle.fromData(state);
    },
    BigInt: (digits: unknown) => {
      if (typeof digits !== "string" || digits.length > MAX_BIGINT_DIGITS || !/^-?\d+$/.test(digits))
        throw new DeserializationError("A BigInt is malformed or has too many digits.");
      return BigInt(digits);
    },
  };
}

function pair(data: unknown, tag: string): readonly unknown[] {
  if (!Array.isArray(data) || data.length !== 2) throw new DeserializationError(`A malformed ${tag}.`);
  return data;
}

function tooDeep(): DeserializationError {
  return new DeserializationError(`What was received nests deeper than ${MAX_NESTING} levels.`, { hint: "Send it flatter." });
}
