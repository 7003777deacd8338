import { DeserializationError } from "../../model/errors.ts";
import type { EncodedValue } from "../../model/encoded.ts";
import type { DictEntry, DictKey } from "../../ports/dict.ts";
import type { RowReader, RowWriter } from "../../util/rows.ts";
import { keyHash, keyOfText, keyText } from "../../wire/key.ts";
import { DICT_EXPIRY_MS, DICT_TOUCH_MS, LOCAL_INLINE_BYTES, LOCAL_KEY_CHARS } from "./limits.ts";

// The row of a pair, in the order of its bytes: flags (1), when it expires (8, a little-endian double of epoch
// milliseconds), the key's text behind its length (4) when the row's key holds a hash, and the value when it is small.
// A large value has a row of its own, so that those who ask for keys do not read it. Both are written in one transaction.
const LARGE = 1;
const HASHED = 2;
const EXPIRES_AT = 1;
const HEAD_BYTES = 9;

/** A pair as its rows are, ready to be written. */
export interface PairRows {
  readonly row: string;
  /** All but the time at which it expires. */
  readonly bytes: Buffer;
  /** Its value, when that has a row of its own. */
  readonly large: Buffer | undefined;
}

/** The row of a key in a Dict. */
export function pairRow(id: string, key: DictKey): string {
  return rowOfText(id, keyText(key));
}

/** The row of a value that has one of its own. */
export function valueRow(row: string): string {
  return `v${row}`;
}

/** What the rows of all pairs of a Dict begin with. */
export function pairPrefix(id: string): string {
  return `${id}#`;
}

/** A pair as rows. */
export function pairRows(id: string, key: DictKey, value: EncodedValue): PairRows {
  const text = keyText(key);
  const hashed = text.length > LOCAL_KEY_CHARS;
  const keyBytes = hashed ? Buffer.byteLength(text) : 0;
  const sizes = value.parts.map((part) => part.byteLength);
  const textBytes = Buffer.byteLength(value.text);
  const size = sizes.reduce((sum, bytes) => sum + 4 + bytes, 5 + textBytes);
  const isLarge = size > LOCAL_INLINE_BYTES;
  const head = HEAD_BYTES + (hashed ? 4 + keyBytes : 0);
  const bytes = Buffer.allocUnsafe(isLarge ? head : head + size);
  bytes[0] = (isLarge ? LARGE : 0) | (hashed ? HASHED : 0);
  if (hashed) {
    bytes.writeUInt32LE(keyBytes, HEAD_BYTES);
    bytes.write(text, HEAD_BYTES + 4);
  }
  const large = isLarge ? Buffer.allocUnsafeSlow(size) : undefined;
  writeValue(large ?? bytes, isLarge ? 0 : head, value, textBytes);
  return { row: rowOfText(id, text), bytes, large };
}

/** Writes a pair, whatever is there; its life begins now. */
export function writePair(tx: RowWriter, { row, bytes, large }: PairRows, before: Buffer | undefined, nowMs: number): void {
  bytes.writeDoubleLE(nowMs + DICT_EXPIRY_MS, EXPIRES_AT);
  tx.put(row, bytes);
  if (large !== undefined) tx.put(valueRow(row), large);
  else if (before !== undefined && isLarge(before)) tx.delete(valueRow(row));
}

/** Removes a pair. */
export function deletePair(tx: RowWriter, row: string, before: Buffer): void {
  if (isLarge(before)) tx.delete(valueRow(row));
  tx.delete(row);
}

/** Removes a pair and gives its value. */
export function takePair(tx: RowWriter, row: string, before: Buffer): EncodedValue {
  const hasValueRow = isLarge(before);
  const value = valueOf(tx, row, before);
  if (hasValueRow) tx.delete(valueRow(row));
  tx.delete(row);
  return value;
}

/** Whether a pair has not expired. */
export function isLive(bytes: Buffer, nowMs: number): boolean {
  return bytes.readDoubleLE(EXPIRES_AT) > nowMs;
}

/** Whether a read now counts for the expiry of a pair. */
export function isTouchDue(bytes: Buffer, nowMs: number): boolean {
  return bytes.readDoubleLE(EXPIRES_AT) - nowMs <= DICT_EXPIRY_MS - DICT_TOUCH_MS;
}

/** Begins the life of a pair again. */
export function touchPair(tx: RowWriter, row: string, nowMs: number): void {
  const bytes = tx.peek(row);
  if (bytes === undefined || !isLive(bytes, nowMs) || !isTouchDue(bytes, nowMs)) return;
  // What was read without a copy is longer than it says.
  const copy = Buffer.from(bytes.subarray(0, bytes.length));
  copy.writeDoubleLE(nowMs + DICT_EXPIRY_MS, EXPIRES_AT);
  tx.put(row, copy);
}

/** The value of a pair, whose row is read from the same snapshot or transaction. */
export function valueOf(rows: RowReader, row: string, bytes: Buffer): EncodedValue {
  if (!isLarge(bytes)) return readValue(bytes, valueStart(bytes), true);
  const large = rows.get<Buffer>(valueRow(row));
  if (large === undefined) throw new DeserializationError(`The value of a Dict's row ${JSON.stringify(row)} is missing.`);
  return readValue(large, 0, false);
}

/** The key of a pair. */
export function keyOf(id: string, row: string, bytes: Buffer): DictKey {
  if (!isHashed(bytes)) return keyOfText(row.slice(pairPrefix(id).length));
  const from = HEAD_BYTES + 4;
  return keyOfText(bytes.toString("utf8", from, from + bytes.readUInt32LE(HEAD_BYTES)));
}

/** The pair that a row is. */
export function entryOf(rows: RowReader, id: string, row: string, bytes: Buffer): DictEntry {
  return { key: keyOf(id, row, bytes), value: valueOf(rows, row, bytes) };
}

// --- Internal helpers ---

const NO_PARTS: readonly Uint8Array[] = Object.freeze([]);
const JSON_CODEC = 0x6a;

/** A text begins with `j` or `d`, so `h` is no text's. */
function rowOfText(id: string, text: string): string {
  return text.length > LOCAL_KEY_CHARS ? `${id}#h${keyHash(text)}` : `${id}#${text}`;
}

function isLarge(bytes: Buffer): boolean {
  return ((bytes[0] as number) & LARGE) !== 0;
}

function isHashed(bytes: Buffer): boolean {
  return ((bytes[0] as number) & HASHED) !== 0;
}

function valueStart(bytes: Buffer): number {
  return isHashed(bytes) ? HEAD_BYTES + 4 + bytes.readUInt32LE(HEAD_BYTES) : HEAD_BYTES;
}

/** Codec (1), text behind its length (4), then each part behind its own. */
function writeValue(to: Buffer, from: number, { codec, text, parts }: EncodedValue, textBytes: number): void {
  to[from] = codec === "json" ? JSON_CODEC : 0x64;
  to.writeUInt32LE(textBytes, from + 1);
  to.write(text, from + 5);
  let at = from + 5 + textBytes;
  for (const part of parts) {
    to.writeUInt32LE(part.byteLength, at);
    to.set(part, at + 4);
    at += 4 + part.byteLength;
  }
}

/** Small parts are copied out of memory that holds until the next read only; large ones share what was read for them. */
function readValue(bytes: Buffer, from: number, copies: boolean): EncodedValue {
  const codec = bytes[from] === JSON_CODEC ? "json" : "devalue";
  const textEnd = from + 5 + bytes.readUInt32LE(from + 1);
  const text = bytes.toString("utf8", from + 5, textEnd);
  if (textEnd === bytes.length) return { codec, text, parts: NO_PARTS };
  const parts: Uint8Array[] = [];
  for (let at = textEnd; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    const part = bytes.subarray(at + 4, end);
    parts.push(copies ? new Uint8Array(part) : part);
    at = end;
  }
  return { codec, text, parts };
}
