import type { RowValue, TableRow } from "../aws/table-row.ts";
import type { Packed } from "../../wire/lambda-payload.ts";
import type { ValueStore } from "../functions/aws-values.ts";
import { INLINE_MESSAGE_BYTES } from "./limits.ts";

/** Inputs and outcomes as attributes of rows: small ones in the row itself, large ones as objects that it names. */
export interface RowMessages {
  /** The attributes that hold a message. `key` is asked only when it needs an object. */
  store(message: Packed, key: () => string): Promise<Readonly<Record<string, RowValue>>>;
  /** The message of a row; `undefined` when the row holds none. */
  load(row: TableRow): Promise<Packed | undefined>;
}

/** Messages whose large ones lie in these objects. */
export function messagesIn(values: ValueStore): RowMessages {
  return {
    async store(message, key) {
      if (bytesOf(message) <= INLINE_MESSAGE_BYTES) return { text: message.text, parts: message.parts };
      const s3 = key();
      await values.put(s3, message);
      return { s3 };
    },
    async load(row) {
      if (typeof row["s3"] === "string") return values.get(row["s3"]);
      if (typeof row["text"] !== "string") return undefined;
      return { text: row["text"], parts: (row["parts"] ?? []) as Uint8Array[] };
    },
  };
}

/** Bytes of a message, text and parts. */
export function bytesOf({ text, parts }: Packed): number {
  return parts.reduce((bytes, part) => bytes + part.byteLength, Buffer.byteLength(text));
}
