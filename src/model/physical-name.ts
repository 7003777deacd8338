import { base32 } from "../util/base32.ts";
import { lazyCrypto } from "../util/lazy-crypto.ts";
import { InvalidError } from "./errors.ts";

/** Of base 32: 80 bits, with which nobody finds two names of one hash. */
const HASH_DIGITS = 16;
/** Shortest name that has room for one readable character beside its hash. */
const MIN_LENGTH = HASH_DIGITS + 2;

/**
 * The name of a cloud resource: a readable prefix of the parts, and a hash that tells it from every other one.
 *
 * The parts are joined by dashes, with dashes for every character other than letters, digits, dashes and underscores;
 * then follow a dash and the first 80 bits of the SHA-256 of the parts as JSON, 16 digits of base 32. The result has at most `maxLength`
 * characters (64, what Lambda allows, without a second argument) and depends on nothing else: the parts tell
 * the name.
 *
 * @throws InvalidError without parts, or when `maxLength` is below 18.
 *
 * @example
 * physicalName(["tenon", "dev", "word.count", "count"]); // "tenon-dev-word-count-count-…"
 */
export function physicalName(parts: readonly string[], maxLength = 64): string {
  if (parts.length === 0) throw new InvalidError("A physical name needs at least one part.");
  if (!Number.isInteger(maxLength) || maxLength < MIN_LENGTH)
    throw new InvalidError(`A physical name of at most ${maxLength} characters can't be made; it needs ${MIN_LENGTH}.`);
  const hash = base32(lazyCrypto().createHash("sha256").update(JSON.stringify(parts)).digest(), HASH_DIGITS);
  const readable = parts.join("-").replaceAll(/[^a-zA-Z0-9\-_]/g, "-");
  return `${readable.slice(0, maxLength - HASH_DIGITS - 1)}-${hash}`;
}
