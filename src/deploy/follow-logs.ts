import { setTimeout as sleep } from "node:timers/promises";
import type { LogsApi } from "../adapters/aws/logs.ts";
import { LOOK_EVERY_MS, type LogCursor, openLogCursor } from "../adapters/apps/aws-logs.ts";
import { logGroup } from "../model/aws-names.ts";
import type { EventSink } from "../ports/events.ts";

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

/** Lines that are not readable this long after the end are given up. */
const LAST_WAIT_MS = 5_000;
const QUIET_ROUNDS = 2;

/** Follows the logs of an App on AWS. Lines that can't be read at first are read later. */
export function followLogs(api: LogsApi, { environment, app, functions, sinceMs, onEvent }: FollowLogsParams): LogFollower {
  const groups = functions.map((fn) => openLogCursor(api, logGroup(environment, app, fn), { sinceMs }));
  const controller = new AbortController();

  /** Resolves with how many lines were new. */
  const look = async (group: LogCursor): Promise<number> => {
    const records = await group.read().catch(() => []);
    for (const record of records) onEvent({ code: "LOG", record });
    return records.length;
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
