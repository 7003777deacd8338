import { setTimeout as sleep } from "node:timers/promises";
import type { LogsApi } from "../adapters/aws/logs.ts";
import { logGroup } from "../model/aws-names.ts";
import type { EventSink } from "../ports/events.ts";
import type { LogRecord } from "../wire/log-record.ts";

/** Which logs to follow. */
export interface FollowLogsParams {
  readonly environment: string;
  readonly app: string;
  readonly functions: readonly string[];
  readonly sinceMs: number;
  readonly onEvent: EventSink;
}

/** The lines of an App's Functions, as they arrive. */
export interface LogFollower {
  /** Reads on until no new lines come, then ends. */
  end(): Promise<void>;
}

/** Time between two reads, each of one Function: an account may read five times a second (quota of FilterLogEvents). */
const LOOK_EVERY_MS = 400;
/** Lines become readable late and out of order: each read goes this far back. */
const LATE_MS = 10_000;
/** Lines that are not readable this long after the end are given up. */
const LAST_WAIT_MS = 5_000;
const QUIET_ROUNDS = 2;

/** Follows the logs of an App on AWS. Lines that can't be read at first are read later. */
export function followLogs(api: LogsApi, { environment, app, functions, sinceMs, onEvent }: FollowLogsParams): LogFollower {
  const groups: Group[] = functions.map((fn) => ({ name: logGroup(environment, app, fn), fromMs: sinceMs, seen: new Map() }));
  const controller = new AbortController();

  /** Resolves with how many lines were new. */
  const look = async (group: Group): Promise<number> => {
    const { seen } = group;
    const lines = await api.lines(group.name, group.fromMs).catch(() => []);
    const fresh = lines.filter(({ id }) => !seen.has(id));
    for (const { id, atMs, text } of fresh) {
      seen.set(id, atMs);
      group.fromMs = Math.max(group.fromMs, atMs - LATE_MS);
      const record = recordOf(text);
      if (record !== undefined) onEvent({ code: "LOG", record });
    }
    for (const [id, atMs] of seen) if (atMs < group.fromMs) seen.delete(id);
    return fresh.length;
  };
  const follow = async (): Promise<void> => {
    for (let i = 0; !controller.signal.aborted && groups.length > 0; i = (i + 1) % groups.length) {
      await look(groups[i]!);
      await sleep(LOOK_EVERY_MS, undefined, { signal: controller.signal }).catch(() => undefined);
    }
  };
  const following = follow();
  return {
    async end() {
      controller.abort();
      await following;
      const endsAtMs = Date.now() + LAST_WAIT_MS;
      for (let quiet = 0; quiet < QUIET_ROUNDS && Date.now() < endsAtMs;) {
        let fresh = 0;
        for (const group of groups) fresh += await look(group);
        quiet = fresh === 0 ? quiet + 1 : 0;
        await sleep(LOOK_EVERY_MS);
      }
      api.destroy();
    },
  };
}

// --- Internal helpers ---

interface Group {
  readonly name: string;
  fromMs: number;
  /** The lines that were shown, by their id in the group. */
  readonly seen: Map<string, number>;
}

/** The record in a line; `undefined` for metrics and for Lambda's own lines. */
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
