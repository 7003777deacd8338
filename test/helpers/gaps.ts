import { readFileSync } from "node:fs";
import type { TestContext } from "vitest";
import type { Emulator } from "../../localstack/start.js";

/** What a backend cannot show: a row of `localstack/gaps.json`. */
export interface Gap {
  readonly id: string;
  readonly what: string;
  /** What the local backend does instead, and AWS itself, where they have the gap. */
  readonly local?: string;
  readonly aws?: string;
  /** What each emulator that has the gap does instead. */
  readonly emulators: Readonly<Partial<Record<"ministack" | "localstack", string>>>;
}

export const GAPS: readonly Gap[] = JSON.parse(readFileSync(new URL("../../localstack/gaps.json", import.meta.url), "utf8"));

/** Why an account cannot show what the gap names, for `context.skip(…)`; undefined where it can. */
export function gapOf(account: Pick<Emulator, "kind">, id: string): string | undefined {
  const gap = GAPS.find((row) => row.id === id);
  if (gap === undefined) throw new RangeError(`localstack/gaps.json has no "${id}"; it has ${GAPS.map((row) => row.id).join(", ")}`);
  const instead = account.kind === "aws" ? gap.aws : gap.emulators[account.kind];
  return instead === undefined ? undefined : `${gap.id}: ${gap.what} (${account.kind}: ${instead})`;
}

/** The tests of a contract that an account cannot show, by the gap that each names: `skip` of the suite. */
export function skipsOf(
  account: Pick<Emulator, "kind">,
  tests: Readonly<Record<string, readonly string[]>>,
): { readonly reason: string; readonly tests: readonly string[] }[] {
  return Object.entries(tests).flatMap(([id, names]) => {
    const reason = gapOf(account, id);
    return reason === undefined ? [] : [{ reason, tests: names }];
  });
}

/** Skips the test where its account can't show what it is about; the row of the gap is the reason. */
export function skipWithGap(context: Pick<TestContext, "skip">, account: Pick<Emulator, "kind">, id: string): void {
  const gap = gapOf(account, id);
  // Skipped: by the row of `localstack/gaps.json`, which the note repeats.
  if (gap !== undefined) context.skip(gap);
}
