import { shortHash } from "./short-hash.ts";

const READABLE_CHARACTERS = 48;

/**
 * The name of a folder or file for something that people name: a readable beginning made of `label`, then a dash and 14
 * hex digits that stand for `identity`.
 *
 * Whatever the label is, the result is one step of a path on every file system, and never `.`, `..` or a device: it holds
 * lower-case letters, digits and dashes, 64 characters at most. Identities that differ, in case only too, have different
 * names, even on a file system that ignores case.
 */
export function folderName(label: string, identity: readonly string[]): string {
  const readable = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, READABLE_CHARACTERS)
    .replaceAll(/^-+|-+$/g, "");
  const hash = shortHash(JSON.stringify(identity));
  return readable === "" ? hash : `${readable}-${hash}`;
}
