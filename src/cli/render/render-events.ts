import { describeDroppedCalls } from "../../model/dropped-calls.ts";
import type { EventSink, TenonEvent } from "../../ports/events.ts";
import type { LogRecord } from "../../wire/log-record.ts";
import type { Io } from "../kit/io.ts";
import { paint } from "../kit/io.ts";
import { createProgress } from "./progress.ts";
import { showNumber } from "../../util/show-value.ts";

/** Turns events into words; `end` removes the progress line. */
export interface EventRenderer {
  readonly onEvent: EventSink;
  end(): void;
}

/** How events are shown. */
export interface RenderEventsParams {
  readonly json: boolean;
  readonly verbose: boolean;
}

/** How many retries of one Function are shown; `--verbose` shows all. */
const RETRIES_TOLD = 5;

/**
 * For people: a container's stdout to stdout, its stderr to stderr, Tenon's own lines dimmed to stderr.
 * For programs (`json`): every event as one JSON line on stderr, so that stdout holds results only.
 */
export function createEventRenderer(io: Io, params: RenderEventsParams): EventRenderer {
  if (params.json) return { onEvent: (event) => writeJsonEvent(io, event), end() {} };
  const progress = createProgress(io);
  const unwatch = io.watchTerminal?.((text) => progress.yieldTo(text));
  const retries = new Map<string, number>();
  const say = (text: string): void => {
    io.err.write(`${paint(io.err, "dim", text)}\n`);
  };
  const onEvent = (event: TenonEvent): void => {
    switch (event.code) {
      case "LOG":
        return writeRecord(io, event.record);
      case "MAP_PROGRESS":
        return progress.update(event);
      case "INPUT_LOST":
        return say(`${event.fn}: lost its container (${event.reason}) and runs again`);
      case "INPUT_RETRIED": {
        const told = (retries.get(event.fn) ?? 0) + 1;
        retries.set(event.fn, told);
        if (told > RETRIES_TOLD && !params.verbose) return;
        const rest = told === RETRIES_TOLD && !params.verbose ? " (more retries are shown with --verbose)" : "";
        return say(`${event.fn}: attempt ${event.attempt} failed, next in ${showNumber(event.delayMs)} ms: ${event.error}${rest}`);
      }
      case "STACK_RESOURCE":
        return writeResource(io, event, params.verbose);
      case "STACK_WAITS":
        return say(
          `SQS keeps the name of a deleted queue for a minute. Waiting ${event.waitMs / 1_000} s, then deploying ${event.stack} again`,
        );
      case "CALLS_DROPPED":
        return writeWarning(io, describeDroppedCalls(event));
      case "ACCOUNT_CONCURRENCY_LOW":
        return writeWarning(io, describeLowConcurrency(event.concurrency));
      default:
        if (params.verbose) say(verboseText(event));
    }
  };
  const end = (): void => {
    progress.end();
    unwatch?.();
  };
  return { onEvent, end };
}

/** One log line as its container wrote it, to the stream it was written to. */
export function writeRecord(io: Io, record: LogRecord): void {
  const text = record.text.endsWith("\n") ? record.text : `${record.text}\n`;
  if (record.stream === "stdout") io.out.write(text);
  else if (record.stream === "stderr") io.err.write(text);
  else io.err.write(paint(io.err, "dim", `${record.fn}: ${text}`));
}

// --- Internal helpers ---

function writeJsonEvent(io: Io, event: TenonEvent): void {
  if (event.code === "MAP_PROGRESS" && !event.finished) return;
  const { code, ...rest } = event;
  io.err.write(`${JSON.stringify(event.code === "LOG" ? { event: code, ...event.record } : { event: code, ...rest })}\n`);
}

function verboseText(
  event: Exclude<
    TenonEvent,
    {
      code:
        | "LOG"
        | "MAP_PROGRESS"
        | "INPUT_LOST"
        | "INPUT_RETRIED"
        | "STACK_RESOURCE"
        | "STACK_WAITS"
        | "CALLS_DROPPED"
        | "ACCOUNT_CONCURRENCY_LOW";
    }
  >,
): string {
  switch (event.code) {
    case "BUNDLE_READY":
      return `bundle ${event.version.slice(0, 12)} of ${event.app} ${event.cached ? "from the cache" : "made"} in ${Math.round(event.durationMs)} ms`;
    case "ATTEMPT_FAILED":
      return `${event.fn}: ${event.text}`;
    case "CONTAINER_STARTED":
      return `${event.fn}: container ${event.container} started`;
    case "CONTAINER_ENDED":
      return `${event.fn}: container ${event.container} ended (${event.reason})`;
  }
}

interface Warning {
  readonly message: string;
  readonly hint: string;
}

function describeLowConcurrency(concurrency: number): Warning {
  return {
    message: `This account runs at most ${concurrency} containers of Lambda at once, of all its functions. A call that waits for other calls holds its container meanwhile: when such calls hold all ${concurrency}, what they wait for can't start, and some of them reject with ResourceExhaustedError.`,
    hint: "Ask AWS for more concurrent executions of Lambda (Service Quotas), or spawn such calls and return, so that no container waits.",
  };
}

function writeWarning(io: Io, { message, hint }: Warning): void {
  io.err.write(`${paint(io.err, "yellow", "warning:")} ${message}\n${paint(io.err, "cyan", "hint:")} ${hint}\n`);
}

/** A line for each resource that is finished; `--verbose` also shows those that are begun. */
function writeResource(io: Io, event: Extract<TenonEvent, { code: "STACK_RESOURCE" }>, verbose: boolean): void {
  const failed = event.status.endsWith("_FAILED");
  if (!failed && !verbose && !event.status.endsWith("_COMPLETE")) return;
  const of = event.total === null ? String(event.done) : `${event.done}/${event.total}`;
  const text = `${of.padStart(7)}  ${event.status.toLowerCase().replaceAll("_", " ").padEnd(15)}  ${event.type} ${event.resource}`;
  const reason = failed && event.reason !== undefined ? `: ${event.reason}` : "";
  io.err.write(`${paint(io.err, failed ? "red" : "dim", text + reason)}\n`);
}
