import type { RowReader, RowWriter } from "../../util/rows.ts";
import { INLINE_PART_BYTES } from "./limits.ts";

/** A text and the bytes beside it. */
export interface Message {
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** Text and parts of a message; `null` for a part in a row of its own. */
interface MessageRow {
  readonly text: string;
  readonly parts: readonly (Uint8Array | null)[];
}

/** Writes a message, each large part into a row of its own. */
export function putMessage(rows: RowWriter, key: string, message: Message): void {
  const parts = message.parts.map((part, i) => {
    if (part.byteLength <= INLINE_PART_BYTES) return part;
    rows.put(partKey(key, i), part);
    return null;
  });
  rows.put(key, { text: message.text, parts } satisfies MessageRow);
}

/** A message; `undefined` when it, or a part of it, is gone. */
export function getMessage(rows: RowReader, key: string): Message | undefined {
  const row = rows.get<MessageRow>(key);
  if (row === undefined) return undefined;
  const parts = row.parts.map((part, i) => part ?? rows.get<Uint8Array>(partKey(key, i)));
  return parts.includes(undefined) ? undefined : { text: row.text, parts: parts as Uint8Array[] };
}

/** Removes a message with its parts. */
export function deleteMessage(rows: RowWriter, key: string): void {
  for (const [i, part] of (rows.get<MessageRow>(key)?.parts ?? []).entries()) {
    if (part === null) rows.delete(partKey(key, i));
  }
  rows.delete(key);
}

// --- Internal helpers ---

function partKey(key: string, index: number): string {
  return `part#${key}#${index}`;
}
