import type { TenonEvent } from "../../ports/events.ts";
import type { LogRecord } from "../../wire/log-record.ts";

/** What an App's log says of an event that is no line of its own; `null` for one that it passes over. */
export function systemLine(event: TenonEvent, version: string): LogRecord | null {
  const t = Date.now();
  if (event.code === "ATTEMPT_FAILED") {
    const { code: _, ...about } = event;
    return { t, stream: "system", ...about, version };
  }
  if (event.code !== "CONTAINER_ENDED") return null;
  const { app, fn, container, reason } = event;
  return { t, stream: "system", text: `container ended: ${reason}`, app, fn, container, version };
}
