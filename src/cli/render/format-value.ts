import { inspect } from "node:util";
import { TenonError } from "../../model/errors.ts";

const MAX_CELL = 80;

/** A result for people: a string as it is, anything else as Node prints it; `undefined` is an empty text. */
export function formatValue(value: unknown, colours: boolean): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return inspect(value, { colors: colours, depth: 8, maxArrayLength: 1_000, maxStringLength: 100_000, breakLength: 100 });
}

/** A value in one cell of a table: on one line, at most 80 characters. */
export function formatCell(value: unknown): string {
  const text = inspect(value, {
    depth: 4,
    maxArrayLength: 100,
    maxStringLength: 200,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
  });
  return text.length <= MAX_CELL ? text : `${text.slice(0, MAX_CELL - 1)}…`;
}

/** A moment for people, in UTC: `2026-01-31 23:59:59`. */
export function formatDate(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * A result for programs: one line of JSON. What JSON does not have becomes something near: `undefined` and `NaN` null,
 * a BigInt its digits, a Map its entries, a Set its members, bytes base64, a cycle `"[Circular]"`, a handle its words, such as
 * `"Dict(seen)"`.
 */
export function formatJson(value: unknown): string {
  return JSON.stringify(plain(value, [])) ?? "null";
}

// --- Internal helpers ---

function plain(value: unknown, above: readonly object[]): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "[Circular]";
  const inside = [...above, value];
  if (value instanceof Map) return [...value].map((entry) => plain(entry, inside));
  if (value instanceof Set) return [...value].map((member) => plain(member, inside));
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (value instanceof Error)
    return { name: value.name, message: value.message, ...(plain(Object.fromEntries(Object.entries(value)), inside) as object) };
  if (hasJsonForm(value)) return isHandle(value) ? String(value) : value;
  if (Array.isArray(value)) return value.map((member) => plain(member, inside));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member, inside)]));
}

function hasJsonForm(value: object): value is { toJSON(): unknown; toString(): string } {
  return typeof (value as { toJSON?: unknown }).toJSON === "function";
}

/** Whether it is one of Tenon's own handles: those refuse to become JSON. */
function isHandle(value: { toJSON(): unknown }): boolean {
  try {
    value.toJSON();
    return false;
  } catch (error) {
    if (!TenonError.is(error)) throw error;
    return true;
  }
}
