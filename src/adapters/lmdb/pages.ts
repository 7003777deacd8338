import { readSync } from "node:fs";

const HEADER_BYTES = 24;
const FLAGS_AT = 18;
const LOWER_AT = 20;
const BRANCH = 0x01;
const LEAF = 0x02;
/** The flag of a row whose value lies on pages of its own, and where their number and count are behind its key. */
const BIG = 0x01;
const NODE_BYTES = 8;
const BIG_PAGES_AT = 16;
const BIG_BYTES = 24;
/** The root of a tree with no rows. */
const NONE = 0xffff_ffff_ffff_ffffn;

/** Where the trees of a database begin. */
export interface Trees {
  readonly pageSize: number;
  readonly roots: readonly bigint[];
}

/** Whether a page that the trees lead to is not among the first `size` bytes of the file, or is no page of LMDB. */
export function reachesBeyond(descriptor: number, size: number, { pageSize, roots }: Trees): boolean {
  const end = BigInt(Math.floor(size / pageSize));
  const page = Buffer.alloc(pageSize);
  const seen = new Set<bigint>();
  const todo = roots.filter((root) => root !== NONE);
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next >= end || seen.has(next)) return true;
    seen.add(next);
    readSync(descriptor, page, 0, pageSize, Number(next) * pageSize);
    const flags = page.readUInt16LE(FLAGS_AT);
    if ((flags & (BRANCH | LEAF)) === 0) return true;
    for (const node of nodesOf(page)) {
      if (node === undefined) return true;
      if ((flags & BRANCH) !== 0) todo.push(childOf(page, node));
      else if (bigValueEnd(page, node) > end) return true;
    }
  }
  return false;
}

// --- Internal helpers ---

/** Where the rows of a page begin; `undefined` for one that is not on the page. */
function nodesOf(page: Buffer): readonly (number | undefined)[] {
  const count = page.readUInt16LE(LOWER_AT) >> 1;
  return Array.from({ length: count }, (_, i) => {
    const at = HEADER_BYTES + i * 2;
    if (at + 2 > page.byteLength) return undefined;
    const node = page.readUInt16LE(at) + HEADER_BYTES;
    return node + NODE_BYTES > page.byteLength ? undefined : node;
  });
}

function childOf(page: Buffer, node: number): bigint {
  return BigInt(page.readUIntLE(node, 6));
}

/** The page after the last one of a row's value; 0 when the value lies beside its key. */
function bigValueEnd(page: Buffer, node: number): bigint {
  if ((page.readUInt16LE(node + 4) & BIG) === 0) return 0n;
  const at = node + NODE_BYTES + page.readUInt16LE(node + 6);
  if (at + BIG_BYTES > page.byteLength) return NONE;
  return page.readBigUInt64LE(at) + page.readBigUInt64LE(at + BIG_PAGES_AT);
}
