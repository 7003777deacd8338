import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ExecutionError } from "../../model/errors.ts";
import { reachesBeyond } from "./pages.ts";

const MAGIC = 0xbeef_c0de;
/** Where LMDB keeps what is needed here: offsets in a page that describes the database. */
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const FREE_ROOT_AT = 88;
const ROOT_AT = 136;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const DESCRIPTION_BYTES = 160;
/** Another process may be making the file, or writing to it, at this moment. */
const TRIES = 3;
const AGAIN_AFTER_MS = 50;

/**
 * Throws `ExecutionError` for a file of rows that LMDB can't use: it reads a file by mapping it, so a damaged one would end
 * the process with no word. A missing file is fine, and so is an empty one, which LMDB begins anew: it is what another
 * process leaves for a moment when it makes the file.
 */
export async function checkDataFile(file: string): Promise<void> {
  for (let left = TRIES - 1; ; left--) {
    const damage = findDamage(file);
    if (damage === undefined) return;
    if (left === 0) throw damagedFile(file, damage);
    await sleep(AGAIN_AFTER_MS);
  }
}

// --- Internal helpers ---

/** Says what is wrong with a file; `undefined` when nothing is. */
function findDamage(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    // It is missing, or LMDB says why it can't be read.
    return undefined;
  }
  try {
    return damageOf(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function damageOf(descriptor: number): string | undefined {
  if (fstatSync(descriptor).size === 0) return undefined;
  const first = describe(descriptor, 0);
  if (first === undefined) return "it does not begin as a database of LMDB does";
  const second = describe(descriptor, first.pageSize);
  if (second === undefined) return "its second page is not one of a database of LMDB";
  const newest = first.transaction > second.transaction ? first : second;
  const { size } = fstatSync(descriptor);
  const wanted = (newest.lastPage + 1) * newest.pageSize;
  // The last pages may never have been written, when nothing uses them.
  if (size >= wanted || !reachesBeyond(descriptor, size, newest)) return undefined;
  // Pages that another process writes meanwhile lead anywhere; a file that is written to is in use, and whole.
  const isWritten = [0, first.pageSize].some((at) => (describe(descriptor, at)?.transaction ?? 0n) > newest.transaction);
  if (isWritten) return undefined;
  return `it has ${size} bytes of ${wanted}`;
}

interface Description {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: bigint;
  readonly roots: readonly bigint[];
}

/** What one of the two first pages says; `undefined` when it is not such a page. */
function describe(descriptor: number, at: number): Description | undefined {
  const page = Buffer.alloc(DESCRIPTION_BYTES);
  if (readSync(descriptor, page, 0, page.byteLength, at) < page.byteLength) return undefined;
  const pageSize = page.readUInt32LE(PAGE_SIZE_AT);
  const isPageSize = pageSize >= 256 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0;
  if (page.readUInt32LE(MAGIC_AT) !== MAGIC || !isPageSize) return undefined;
  return {
    pageSize,
    lastPage: Number(page.readBigUInt64LE(LAST_PAGE_AT)),
    transaction: page.readBigUInt64LE(TRANSACTION_AT),
    roots: [page.readBigUInt64LE(FREE_ROOT_AT), page.readBigUInt64LE(ROOT_AT)],
  };
}

function damagedFile(file: string, damage: string): ExecutionError {
  return new ExecutionError(`The file ${JSON.stringify(file)} is damaged: ${damage}.`, {
    hint: `Delete the folder ${JSON.stringify(dirname(file))} to begin with an empty one, or restore it from a backup.`,
  });
}
