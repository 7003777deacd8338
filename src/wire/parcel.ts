import type { EncodedValue } from "../model/encoded.ts";
import { decodeItem, encodeItem } from "./item.ts";
import { compilePath, type PathAccess } from "../util/value-path.ts";

/** Text and the bytes beside it: what one frame holds. */
export interface Parcel {
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** Packs plain data that holds encoded values at known places, and unpacks it. */
export interface Packer {
  pack(data: unknown): Parcel;
  unpack(text: string, parts: readonly Uint8Array[]): unknown;
}

const NO_PARTS: readonly Uint8Array[] = [];
const decoder = new TextDecoder();

/**
 * Makes a packer for data with encoded values at these paths. Their texts and bytes travel as they are, never as text
 * within text. Data that is one encoded value, at the path "", is packed without anything around it.
 */
export function createPacker(paths: readonly string[] = []): Packer {
  if (paths.length === 0) return plain;
  if (paths.length === 1 && paths[0] === "") return whole;
  return within(paths.map(compilePath));
}

// --- Internal helpers ---

const plain: Packer = {
  pack: (data) => ({ text: data === undefined ? "" : JSON.stringify(data), parts: NO_PARTS }),
  unpack: (text) => (text === "" ? undefined : JSON.parse(text)),
};

const whole: Packer = {
  pack(data) {
    if (data === undefined) return { text: "", parts: NO_PARTS };
    const value = data as EncodedValue;
    return { text: encodeItem(value), parts: value.parts };
  },
  unpack: (text, parts) => (text === "" ? undefined : decodeItem(text, parts)),
};

/** Where a value's text and bytes are: `at` is the part that holds the text, the next `count` are its bytes. */
interface Placed {
  readonly codec: EncodedValue["codec"];
  readonly at: number;
  readonly count: number;
}

function within(paths: readonly PathAccess[]): Packer {
  return {
    pack(data) {
      const parts: Uint8Array[] = [];
      const lift = (found: unknown): Placed => {
        const { codec, text, parts: own } = found as EncodedValue;
        const at = parts.push(Buffer.from(text)) - 1;
        for (const part of own) parts.push(part);
        return { codec, at, count: own.length };
      };
      const lifted = paths.reduce((from, path) => path.map(from, lift), data);
      return { text: lifted === undefined ? "" : JSON.stringify(lifted), parts };
    },
    unpack(text, parts) {
      if (text === "") return undefined;
      const lower = (found: unknown): EncodedValue => {
        const { codec, at, count } = found as Placed;
        return { codec, text: decoder.decode(parts[at]), parts: parts.slice(at + 1, at + 1 + count) };
      };
      return paths.reduce((from, path) => path.map(from, lower), JSON.parse(text) as unknown);
    },
  };
}
