import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, statSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { LOG_TAIL_DEFAULT, LOG_TAIL_MAX, type LogQuery } from "../../ports/apps.ts";
import { encodeLogRecord, type LogRecord } from "../../wire/log-record.ts";
import { folderName } from "../../util/folder-name.ts";
import { ensureStateFolder } from "../../disk/state-folder.ts";

/** A log file of this size is renamed to `<file>.1`, in the place of the one renamed before. */
export const LOG_ROTATE_BYTES = 16 * 1024 * 1024;

const FOLLOW_EVERY_MS = 100;

/** Appends the log lines of one deployed App. */
export interface LogWriter {
  /** Adds a line; it is in the file before the event loop goes on. */
  write(record: LogRecord): void;
  close(): void;
}

/** The file that holds a deployed App's log, one JSON record per line. */
export function logFile(stateDir: string, environment: string, app: string): string {
  return join(stateDir, "logs", `${folderName(`${environment}-${app}`, [environment, app])}.ndjson`);
}

/** The file that holds what the host of a deployed App wrote itself, such as why it could not start. */
export function hostLogFile(stateDir: string, environment: string, app: string): string {
  return logFile(stateDir, environment, app).replace(/ndjson$/, "host.log");
}

/** Opens an App's log for appending. Only the App's host does so. */
export function openLogWriter(stateDir: string, environment: string, app: string, rotateBytes: number = LOG_ROTATE_BYTES): LogWriter {
  ensureStateFolder(stateDir, "logs");
  const file = logFile(stateDir, environment, app);
  let descriptor = openSync(file, "a", 0o600);
  let size = fstatSync(descriptor).size;
  let lines: string[] = [];

  const flush = (): void => {
    if (lines.length === 0) return;
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    lines = [];
    if (size > 0 && size + bytes.byteLength > rotateBytes) {
      closeSync(descriptor);
      renameSync(file, `${file}.1`);
      descriptor = openSync(file, "a", 0o600);
      size = 0;
    }
    writeSync(descriptor, bytes);
    size += bytes.byteLength;
  };
  return {
    write(record) {
      if (lines.push(encodeLogRecord(record)) === 1) process.nextTick(flush);
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

/** An App's log lines that fit the query, oldest first; with `follow` also those that come, until the signal aborts. */
export async function* readLog(file: string, query: LogQuery = {}): AsyncGenerator<LogRecord, void, void> {
  const { fn, call, signal, sinceMs } = query;
  const wanted = (record: LogRecord): boolean =>
    (fn === undefined || record.fn === fn) && (call === undefined || record.call === call) && record.t >= (sinceMs ?? 0);
  const tail = Math.min(query.tail ?? (sinceMs === undefined ? LOG_TAIL_DEFAULT : LOG_TAIL_MAX), LOG_TAIL_MAX);
  const older = parse(readText(`${file}.1`)).filter(wanted);
  const cursor = openCursor(file);
  const newer = parse(cursor.read()).filter(wanted);
  if (tail > 0) yield* [...older, ...newer].slice(-tail);
  while (query.follow === true && signal?.aborted !== true) {
    await sleep(FOLLOW_EVERY_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    yield* parse(cursor.read()).filter(wanted);
  }
}

// --- Internal helpers ---

/** Reads on from where it stopped, over a rotation too. */
function openCursor(file: string): { read(): string } {
  let inode = 0;
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  return {
    read() {
      const now = stat(file);
      if (now === null) return "";
      let text = "";
      if (now.ino !== inode) {
        // What the file got before it was put aside.
        const aside = stat(`${file}.1`);
        if (inode !== 0 && aside?.ino === inode) text = readFrom(`${file}.1`);
        inode = now.ino;
        offset = 0;
        rest = Buffer.alloc(0);
      }
      return text + readFrom(file);
    },
  };

  function readFrom(path: string): string {
    let bytes: Buffer;
    try {
      bytes = readAfter(path, offset);
    } catch {
      return "";
    }
    offset += bytes.byteLength;
    const all = Buffer.concat([rest, bytes]);
    // A line that is being written is read when it is whole.
    const end = all.lastIndexOf(0x0a) + 1;
    rest = all.subarray(end);
    return all.toString("utf8", 0, end);
  }
}

function readAfter(path: string, offset: number): Buffer {
  const descriptor = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - offset));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.byteLength, offset));
  } finally {
    closeSync(descriptor);
  }
}

function stat(path: string): { readonly ino: number } | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function parse(text: string): readonly LogRecord[] {
  return text.split("\n").flatMap((line) => {
    if (line === "") return [];
    try {
      return [JSON.parse(line) as LogRecord];
    } catch {
      // A line that a kill cut off.
      return [];
    }
  });
}
