import { Console } from "node:console";
import { writeAllSync } from "../../util/write-all-sync.ts";
import { attemptLine } from "../../wire/attempt-line.ts";
import { encodeLogRecord, type LogRecord } from "../../wire/log-record.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { metricsOf } from "./metrics.ts";
import type { LineSink } from "../output.ts";

/** The log of a container on Lambda: one line of JSON for each record, on the process's own stdout. */
export interface LambdaLog {
  /** A line of user code. */
  readonly write: LineSink;
  /** A line of Tenon's own, for the log of a call when it names one. */
  readonly system: (text: string, call?: string) => void;
  /**
   * Counts an attempt of a call and how it ended: one line of metrics, or none of a success that nobody wants counted. Of one
   * that failed the call's log says why.
   */
  count(result: AttemptResult, attempt: number, call?: string): void;
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
    count(result, attempt, call) {
      const failure = attemptLine(result, attempt);
      if (failure !== null) write("system", { ...(call !== undefined && { call }), attempt }, failure);
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
