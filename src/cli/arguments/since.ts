import { UsageError } from "../kit/failures.ts";

/**
 * Reads a time as people write one: how long ago (`90s`, `10m`, `2h`, `3d`), or a date of ISO 8601. Epoch milliseconds.
 *
 * Throws `UsageError` for anything else.
 */
export function parseSince(text: string, nowMs: number): number {
  const [, amount, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * UNIT_MS[unit]!;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new UsageError(`Not a time for --since: "${text}". It is a time ago, such as 90s, 10m, 2h or 3d, or a date of ISO 8601.`, {
    hint: "Write it like --since 10m, or like --since 2026-05-04T09:30:00Z.",
  });
}

// --- Internal helpers ---

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
