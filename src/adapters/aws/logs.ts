import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { AwsClientOptions } from "./client-options.ts";
import { isAwsFailure } from "./failures.ts";
import { openClient } from "./open-client.ts";

/** One line of a log group. */
export interface LogLine {
  readonly id: string;
  /** Epoch milliseconds at which it was written. */
  readonly atMs: number;
  readonly text: string;
}

/** Which lines of a group to give. Times are epoch milliseconds. */
export interface LinesQuery {
  readonly sinceMs: number;
  /** Up to this time, which is not included. @default - now */
  readonly untilMs?: number | undefined;
  /** Only lines that hold this text, of letters, digits, `-` and `_`. */
  readonly holding?: string | undefined;
}

/** Reads log groups. Rejections are the SDK's own. */
export interface LogsApi {
  /** Lines of a group, oldest first; none for a group that is not there. */
  lines(group: string, query: LinesQuery): Promise<readonly LogLine[]>;
  destroy(): void;
}

/** Makes the client. */
export function createLogsApi(options: AwsClientOptions): LogsApi {
  const client = openClient(options, { maxSockets: 10, requestTimeoutMs: 30_000 }, (shared) => new CloudWatchLogsClient(shared));
  return {
    async lines(group, { sinceMs, untilMs, holding }) {
      const wanted = {
        logGroupName: group,
        startTime: sinceMs,
        // The end of a range is included.
        ...(untilMs === undefined ? {} : { endTime: untilMs - 1 }),
        ...(holding === undefined ? {} : { filterPattern: `"${holding}"` }),
      };
      const found: LogLine[] = [];
      const counts = new Map<string, number>();
      let nextToken: string | undefined;
      try {
        do {
          const page = await client.send(new FilterLogEventsCommand({ ...wanted, nextToken }));
          for (const { eventId, timestamp = 0, message = "", logStreamName = "" } of page.events ?? []) {
            // An emulator may leave the id out; what is the same in all else is counted.
            const like = `${logStreamName} ${timestamp} ${message}`;
            const count = (counts.get(like) ?? 0) + 1;
            counts.set(like, count);
            found.push({ id: eventId ?? `${count} ${like}`, atMs: timestamp, text: message });
          }
          nextToken = page.nextToken;
        } while (nextToken !== undefined);
      } catch (error) {
        if (!isAwsFailure(error, "missing")) throw error;
      }
      return found;
    },
    destroy: () => client.destroy(),
  };
}
