/**
 * 53-bit hash of a text as 14 hex digits, for folder names: quick to have because it needs no crypto module.
 * Not for anything that an adversary may choose.
 */
export function shortHash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return (0x200000 * 0x100000000 + (b & 0x1fffff) * 0x100000000 + (a >>> 0)).toString(16).slice(1).padStart(14, "0");
}
