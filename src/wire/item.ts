import type { EncodedValue } from "../model/encoded.ts";

/** Writes an encoded value as the head of a frame: one letter for its codec, then its text. Its bytes go beside it. */
export function encodeItem({ codec, text }: EncodedValue): string {
  return codec === "json" ? `j${text}` : `d${text}`;
}

/** Reads what {@link encodeItem} wrote. */
export function decodeItem(head: string, parts: readonly Uint8Array[]): EncodedValue {
  return { codec: head.startsWith("j") ? "json" : "devalue", text: head.slice(1), parts };
}
