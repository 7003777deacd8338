import type { EncodedValue } from "../../model/encoded.ts";
import { RequestSizeError } from "../../model/errors.ts";
import type { DictKey } from "../../ports/dict.ts";
import { MAX_PAIR_BYTES, MAX_UPDATE_ENTRIES } from "./limits.ts";

/** Throws `RequestSizeError` for a pair above 100 MiB. */
export function checkPair(key: DictKey, value: EncodedValue): void {
  // Counting the bytes of a text is only worth it near the limit.
  const atMost = value.parts.reduce((bytes, part) => bytes + part.byteLength, 3 * (key.text.length + value.text.length));
  if (atMost <= MAX_PAIR_BYTES) return;
  const bytes = Buffer.byteLength(key.text) + valueBytes(value);
  if (bytes <= MAX_PAIR_BYTES) return;
  throw new RequestSizeError(`A pair of a Dict has ${bytes} bytes, key and value encoded; the most is ${MAX_PAIR_BYTES} (100 MiB).`, {
    hint: "Keep the data in files of a Volume or in a bucket, and put where it is.",
  });
}

/** Throws `RequestSizeError` for more pairs than one `update` takes. */
export function checkUpdate(entries: number): void {
  if (entries <= MAX_UPDATE_ENTRIES) return;
  throw new RequestSizeError(`Dict.update request is too large: ${entries} entries; the most is ${MAX_UPDATE_ENTRIES}.`, {
    hint: "Call update several times, with fewer entries each.",
  });
}

/** Bytes of an encoded value, its text in UTF-8. */
export function valueBytes({ text, parts }: EncodedValue): number {
  return parts.reduce((bytes, part) => bytes + part.byteLength, Buffer.byteLength(text));
}
