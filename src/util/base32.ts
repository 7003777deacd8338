const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";
const BITS = 5;

/** The first bits of some bytes as letters and digits of base 32 (RFC 4648, lower case): 5 bits each. */
export function base32(bytes: Uint8Array, length: number): string {
  let text = "";
  for (let digit = 0; digit < length; digit++) {
    const bit = digit * BITS;
    const at = bit >> 3;
    const pair = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    text += LETTERS[(pair >> (16 - BITS - (bit & 7))) & 31];
  }
  return text;
}
