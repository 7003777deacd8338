import { setTimeout as sleep } from "node:timers/promises";
import { logGroup } from "../../model/aws-names.ts";
import { LOG_TAIL_DEFAULT, LOG_TAIL_MAX, type LogQuery } from "../../ports/apps.ts";
import type { LogRecord } from "../../wire/log-record.ts";
import type { LogsApi } from "../aws/logs.ts";

/** Whose log is read. */
export interface LoggedApp {
  readonly environment: string;
  readonly app: string;
  readonly functions: readonly string[];
}

/** Time between two reads, each of one Function: an account may read five times a second (quota of FilterLogEvents). */
export const LOOK_EVERY_MS = 400;

/** The lines of an App's Functions that fit a query, oldest first; with `follow` also those that come, until the signal aborts. */
export async function* readAwsLogs(api: LogsApi, logged: LoggedApp, query: LogQuery = {}): AsyncGenerator<LogRecord, void, void> {
  const { fn, call, follow, signal } = query;
  const groups = logged.functions
    .filter((name) => fn === undefined || name === fn)
    .map((name) => logGroup(logged.environment, logged.app, name));
  const nowMs = Date.now();
  const sinceMs = Math.max(query.sinceMs ?? 0, nowMs - LATE_MS);
  const cursors = groups.map((group) => openLogCursor(api, group, { sinceMs, call }));
  const recent: LogRecord[] = [];
  for (const cursor of cursors) recent.push(...(await cursor.read()));
  yield* await newest(api, groups, { ...query, nowMs, untilMs: sinceMs, recent });
  for (let i = 0; follow === true && signal?.aborted !== true && cursors.length > 0; i = (i + 1) % cursors.length) {
    yield* await cursors[i]!.read();
    await sleep(LOOK_EVERY_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/** Reads a log group on from a time. Lines become readable late and out of order, so each read goes back a little. */
export interface LogCursor {
  /** The lines that no earlier read gave. */
  read(): Promise<readonly LogRecord[]>;
}

/** Opens a log group; one that is not there yet has no lines. */
export function openLogCursor(
  api: LogsApi,
  group: string,
  { sinceMs, call }: { readonly sinceMs: number; readonly call?: string | undefined },
): LogCursor {
  /** The lines that were given, by their id in the group. */
  const seen = new Map<string, number>();
  let fromMs = sinceMs;
  return {
    async read() {
      const lines = await api.lines(group, { sinceMs: fromMs, holding: call });
      const fresh = lines.filter(({ id }) => !seen.has(id));
      for (const { id, atMs } of fresh) {
        seen.set(id, atMs);
        fromMs = Math.max(fromMs, atMs - LATE_MS);
      }
      for (const [id, atMs] of seen) if (atMs < fromMs) seen.delete(id);
      return recordsOf(fresh, call);
    },
  };
}

// --- Internal helpers ---

const LATE_MS = 10_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far back lines are looked for, step by step until there are enough: a busy log is not read whole for its last lines. */
const BACK_MS = [10 * MINUTE_MS, 2 * 60 * MINUTE_MS, DAY_MS, 7 * DAY_MS, 35 * DAY_MS];

interface NewestQuery extends LogQuery {
  readonly nowMs: number;
  /** Since when the `recent` lines have been read already. */
  readonly untilMs: number;
  readonly recent: readonly LogRecord[];
}

/** The newest lines: the recent ones, and those before them. */
async function newest(api: LogsApi, groups: readonly string[], query: NewestQuery): Promise<readonly LogRecord[]> {
  const { call, nowMs, recent, sinceMs } = query;
  const tail = Math.min(query.tail ?? (sinceMs === undefined ? LOG_TAIL_DEFAULT : LOG_TAIL_MAX), LOG_TAIL_MAX);
  let found: readonly LogRecord[] = inOrder(recent);
  let { untilMs } = query;
  for (const fromMs of sinceMs === undefined ? BACK_MS.map((ms) => nowMs - ms) : [sinceMs]) {
    if (found.length >= tail || fromMs >= untilMs) break;
    const lines: LogRecord[] = [];
    for (const group of groups) lines.push(...recordsOf(await api.lines(group, { sinceMs: fromMs, untilMs, holding: call }), call));
    found = [...inOrder(lines), ...found];
    untilMs = fromMs;
  }
  return tail === 0 ? [] : found.slice(-tail);
}

function inOrder(records: readonly LogRecord[]): readonly LogRecord[] {
  return records.toSorted((a, b) => a.t - b.t);
}

/** The records in lines. Metrics and Lambda's own lines hold none. */
function recordsOf(lines: readonly { readonly text: string }[], call: string | undefined): readonly LogRecord[] {
  return lines.flatMap(({ text }) => {
    const record = recordOf(text);
    return record === undefined || (call !== undefined && record.call !== call) ? [] : [record];
  });
}

function recordOf(text: string): LogRecord | undefined {
  try {
    const found = JSON.parse(text) as Partial<LogRecord>;
    return typeof found.stream === "string" && typeof found.text === "string" && typeof found.fn === "string"
      ? (found as LogRecord)
      : undefined;
  } catch {
    return undefined;
  }
}
