import type { EncodedValue } from "../model/encoded.ts";
import { lazyCrypto } from "../util/lazy-crypto.ts";
import type { Envelope } from "./envelope.ts";

/** Letters of a digest, 6 bits each. */
const DIGEST_LETTERS = 22;

/**
 * What tells the input of a call from any other input of its Function: 22 letters that follow from what its arguments are
 * encoded to, and from nothing else of the envelope. Objects whose keys come in another order are another input.
 */
export function inputDigest({ method, params, args }: Envelope): string {
  const hash = lazyCrypto().createHash("sha256");
  const add = ({ codec, text, parts }: EncodedValue): void => {
    // The lengths say where each piece ends, so that no two inputs hash the same bytes.
    hash.update(JSON.stringify([codec, text.length, ...parts.map((part) => part.byteLength)])).update(text);
    for (const part of parts) hash.update(part);
  };
  hash.update(JSON.stringify([method, params !== undefined]));
  if (params !== undefined) add(params);
  add(args);
  return hash.digest("base64url").slice(0, DIGEST_LETTERS);
}
