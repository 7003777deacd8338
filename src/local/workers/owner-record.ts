import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { isAlive, killGroup, ownKey, processKey, type ProcessKey } from "../../util/processes.ts";

/** An App that a process runs: what others of this machine may know of it. */
export interface RunningApp {
  readonly app: string;
  readonly environment: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly functions: readonly string[];
}

/** The list of the worker processes that one process has started, kept on disk in case it is killed. */
export interface OwnerRecord {
  /** Notes a worker that was just started; call it before the worker gets anything to do. */
  addWorker(pid: number): void;
  /** Forgets a worker that has ended. */
  removeWorker(pid: number): void;
  /** Removes the record: nothing is left to reap. */
  close(): void;
}

/** What {@link reap} found and did. */
export interface ReapReport {
  /** Dead processes whose record was removed. */
  readonly owners: readonly ProcessKey[];
  /** Workers that were still living and were killed. */
  readonly workers: readonly ProcessKey[];
}

/**
 * Starts this process's record under `<stateDir>/run/`. Each line is written at once, before the call returns: a
 * kill at any moment leaves at most the worker unrecorded whose start was under way, and that one ends by itself
 * when its channel closes.
 */
export function openOwnerRecord(stateDir: string, running?: RunningApp): OwnerRecord {
  const file = join(ensureStateFolder(stateDir, "run"), `${ownKey()}.${++records}.jsonl`);
  const descriptor = openSync(file, "a", 0o600);
  const keys = new Map<number, ProcessKey>();
  let open = true;
  const note = (line: RecordLine): void => {
    if (open) writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
  if (running !== undefined) note({ running });
  return {
    addWorker(pid) {
      const key = processKey(pid);
      if (key === null) return;
      keys.set(pid, key);
      note({ started: key });
    },
    removeWorker(pid) {
      const key = keys.get(pid);
      if (key === undefined) return;
      keys.delete(pid);
      note({ ended: key });
    },
    close() {
      if (!open) return;
      open = false;
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
}

/**
 * Ends what dead processes left behind: kills each worker of theirs that still lives (the same process, not one
 * that got its pid later) with its process group, and removes their records. Records of the living are left alone.
 */
export function reap(stateDir: string): ReapReport {
  const folder = join(stateDir, "run");
  const owners = new Set<ProcessKey>();
  const workers: ProcessKey[] = [];
  for (const name of recordNames(folder)) {
    const owner = ownerOf(name);
    if (isAlive(owner)) continue;
    for (const worker of workersIn(join(folder, name))) {
      if (killGroup(worker)) workers.push(worker);
    }
    rmSync(join(folder, name), { force: true });
    owners.add(owner);
  }
  return { owners: [...owners], workers };
}

/** The Apps that living processes run now. */
export function runningApps(stateDir: string): readonly RunningApp[] {
  const folder = join(stateDir, "run");
  return recordNames(folder)
    .filter((name) => isAlive(ownerOf(name)))
    .flatMap((name) => linesOf(join(folder, name)).flatMap((line) => ("running" in line ? [line.running] : [])));
}

// --- Internal helpers ---

let records = 0;

type RecordLine = { readonly started: ProcessKey } | { readonly ended: ProcessKey } | { readonly running: RunningApp };

function recordNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return [];
  }
}

function ownerOf(name: string): ProcessKey {
  return name.replace(/\.\d+\.jsonl$/, "");
}

function linesOf(file: string): readonly RecordLine[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .flatMap((line) => parseLine(line) ?? []);
  } catch {
    // Another process reaps at the same moment, or its own closes it.
    return [];
  }
}

function workersIn(file: string): ReadonlySet<ProcessKey> {
  const workers = new Set<ProcessKey>();
  for (const entry of linesOf(file)) {
    if ("started" in entry) workers.add(entry.started);
    else if ("ended" in entry) workers.delete(entry.ended);
  }
  return workers;
}

/** `null` for a line that a kill cut off. */
function parseLine(line: string): RecordLine | null {
  try {
    const entry = JSON.parse(line) as RecordLine | null;
    return typeof entry === "object" ? entry : null;
  } catch {
    return null;
  }
}
