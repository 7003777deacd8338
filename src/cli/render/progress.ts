import type { TenonEvent } from "../../ports/events.ts";
import type { Io } from "../kit/io.ts";
import { paint } from "../kit/io.ts";
import { showNumber } from "../../util/show-value.ts";

/** Progress of the maps of a run. */
type ProgressEvent = Extract<TenonEvent, { code: "MAP_PROGRESS" }>;

/** Shows how far maps are. */
export interface Progress {
  update(event: ProgressEvent): void;
  /** Removes the line before a text is written. A later update brings it back, once the text's line has ended. */
  yieldTo(text: string): void;
  /** Removes the line for good. */
  end(): void;
}

interface Bar {
  last: ProgressEvent;
  readonly sinceMs: number;
  shownAtMs: number;
}

const TERMINAL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 5_000;
/** A map that ends sooner leaves no line behind. */
const WORTH_A_LINE_MS = 1_000;

/** One rewritten line on a terminal, at most ten times a second; elsewhere a plain line per map every five seconds. */
export function createProgress(io: Io, now: () => number = Date.now): Progress {
  const bars = new Map<string, Bar>();
  const terminal = io.err.isTerminal;
  let visible = false;
  let drawnAtMs = 0;
  let drawing = false;
  let lineOpen = false;
  let timer: NodeJS.Timeout | undefined;

  const put = (text: string): void => {
    drawing = true;
    io.err.write(text);
    drawing = false;
  };
  const clear = (): void => {
    if (visible) put("\r\u001b[2K");
    visible = false;
  };
  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const active = [...bars.values()];
    if (active.length === 0) return clear();
    if (lineOpen) return;
    drawnAtMs = now();
    const text = active.map((bar) => progressText(bar.last, drawnAtMs - bar.sinceMs)).join(" · ");
    const fitting = text.length < io.err.columns ? text : `${text.slice(0, Math.max(0, io.err.columns - 2))}…`;
    put(`\r\u001b[2K${paint(io.err, "cyan", fitting)}`);
    visible = true;
  };
  const schedule = (): void => {
    const wait = drawnAtMs + TERMINAL_INTERVAL_MS - now();
    if (wait <= 0) draw();
    else timer ??= setTimeout(draw, wait).unref();
  };

  return {
    update(event) {
      const key = event.call;
      const at = now();
      const bar = bars.get(key) ?? { last: event, sinceMs: at, shownAtMs: at };
      bar.last = event;
      bars.set(key, bar);
      if (!event.finished) {
        if (terminal) return schedule();
        if (at - bar.shownAtMs < PLAIN_INTERVAL_MS) return;
        bar.shownAtMs = at;
        return io.err.write(`${progressText(event, at - bar.sinceMs)}\n`);
      }
      bars.delete(key);
      clear();
      if (at - bar.sinceMs >= WORTH_A_LINE_MS) io.err.write(`${progressText(event, at - bar.sinceMs)} in ${seconds(at - bar.sinceMs)}\n`);
      if (terminal && bars.size > 0) schedule();
    },
    yieldTo(text) {
      if (drawing || text === "") return;
      clear();
      lineOpen = !text.endsWith("\n");
    },
    end() {
      clearTimeout(timer);
      bars.clear();
      clear();
    },
  };
}

/** How far one map is: `count: 1,234/5,000 done (24%), 3 failed, 456/s`. Those that failed are done too. */
export function progressText({ fn, done, failed, total, finished }: ProgressEvent, elapsedMs: number): string {
  const of = total === null ? "" : `/${showNumber(total)}`;
  const share = total === null || total === 0 || finished ? "" : ` (${Math.floor((100 * done) / total)}%)`;
  const failures = failed === 0 ? "" : `, ${showNumber(failed)} failed`;
  const perSecond = elapsedMs <= 0 ? 0 : (1_000 * done) / elapsedMs;
  return `${fn}: ${showNumber(done)}${of} done${share}${failures}, ${perSecond >= 10 ? showNumber(Math.round(perSecond)) : perSecond.toFixed(1)}/s`;
}

// --- Internal helpers ---

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
