/** One line that a container wrote. A JSON line on AWS and in the local log files. */
export interface LogRecord {
  /** Epoch milliseconds. */
  readonly t: number;
  /** `system` lines are Tenon's own, such as the reason a container ended. */
  readonly stream: "stdout" | "stderr" | "system";
  readonly text: string;
  readonly app: string;
  readonly fn: string;
  /** Absent when the line belongs to no input, such as one written while the module loads. */
  readonly call?: string;
  readonly input?: string;
  readonly attempt?: number;
  readonly container: string;
  readonly version: string;
}

/** A log record as one line of JSON, without the line's end. */
export function encodeLogRecord(record: LogRecord): string {
  return JSON.stringify(record);
}
