import { Console } from "node:console";
import { writeAllSync } from "../../util/write-all-sync.ts";
import { encodeLogRecord, type LogRecord } from "../../wire/log-record.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { LambdaEnvironment } from "./environment.ts";
import type { LineSink } from "../output.ts";

/** The log of a container on Lambda: one line of JSON for each record, on the process's own stdout. */
export interface LambdaLog {
  /** A line of user code. */
  readonly write: LineSink;
  /** A line of Tenon's own, for the log of a call when it names one. */
  readonly system: (text: string, call?: string) => void;
  /** Counts an attempt, by its number, and how it ended: one line of metrics, or none of a success that nobody wants counted. */
  count(result: AttemptResult, attempt: number): void;
}

const STDOUT = 1;

/** Makes the log, and takes the console back from Lambda's runtime client. */
export function createLambdaLog(settings: LambdaEnvironment): LambdaLog {
  const line = (text: string): void => void writeAllSync(STDOUT, Buffer.from(`${text}\n`));
  const write = (stream: LogRecord["stream"], about: Partial<LogRecord>, text: string): void =>
    line(
      encodeLogRecord({
        t: Date.now(),
        stream,
        text,
        app: settings.app,
        fn: settings.fn,
        ...about,
        container: settings.container,
        version: settings.version,
      }),
    );
  takeConsoleBack();
  return {
    write: (stream, input, text) =>
      write(stream, input === undefined ? {} : { call: input.callId, input: input.inputId, attempt: input.attempt }, text),
    system: (text, call) => write("system", call === undefined ? {} : { call }, text),
    count(result, attempt) {
      const metrics = metricsOf(settings, result, attempt);
      if (metrics !== null) line(JSON.stringify(metrics));
    },
  };
}

// --- Internal helpers ---

/** Lambda's runtime client writes its own prefix before each line. The record says the same and more. */
function takeConsoleBack(): void {
  // The real streams are made when they are first written to.
  const through = (name: "stdout" | "stderr"): NodeJS.WritableStream =>
    ({ write: (text: string) => process[name].write(text) }) as unknown as NodeJS.WritableStream;
  const own = new Console({ stdout: through("stdout"), stderr: through("stderr"), colorMode: false, ignoreErrors: false });
  Object.assign(globalThis["console"], own);
}

/**
 * Metrics in CloudWatch's embedded format. Each name with each set of dimensions costs $0.30 a month, so without `metrics` only
 * a failure is counted, for the whole App; and a number that is zero is left out.
 */
function metricsOf({ environment, app, fn, metrics }: LambdaEnvironment, result: AttemptResult, attempt: number): object | null {
  const error = "error" in result ? result.error.className : undefined;
  const failed = error === undefined ? undefined : 1;
  const counts = metrics
    ? { Calls: 1, Failures: failed, Timeouts: result.status === "timed-out" ? 1 : undefined, Retries: attempt > 1 ? 1 : undefined }
    : { Errors: failed };
  const names = Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [name]));
  if (names.length === 0) return null;
  const base = metrics ? ["Environment", "App", "Function"] : ["Environment", "App"];
  const byClass = metrics && error !== undefined ? [directive([...base, "ErrorClass"], ["Failures"])] : [];
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive(base, names), ...byClass] },
    Environment: environment,
    App: app,
    Function: fn,
    ErrorClass: error,
    ...counts,
  };
}

function directive(dimensions: readonly string[], names: readonly string[]): object {
  return { Namespace: "Tenon", Dimensions: [dimensions], Metrics: names.map((Name) => ({ Name, Unit: "Count" })) };
}
