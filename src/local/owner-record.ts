import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { ensureStateFolder } from "./state-dir.ts";
import { isAlive, killGroup, ownKey, processKey, type ProcessKey } from "./processes.ts";

/** The list of the worker processes that one process has started, on disk for the case that it is killed. */
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
export function openOwnerRecord(stateDir: string): OwnerRecord {
  const file = join(ensureStateFolder(stateDir, "run"), `${ownKey()}.${++records}.jsonl`);
  const descriptor = openSync(file, "a", 0o600);
  const keys = new Map<number, ProcessKey>();
  let open = true;
  const note = (line: RecordLine): void => {
    if (open) writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
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
    const owner = name.replace(/\.\d+\.jsonl$/, "");
    if (isAlive(owner)) continue;
    for (const worker of workersIn(join(folder, name))) {
      if (killGroup(worker)) workers.push(worker);
    }
    rmSync(join(folder, name), { force: true });
    owners.add(owner);
  }
  return { owners: [...owners], workers };
}

// --- Internal helpers ---

let records = 0;

type RecordLine = { readonly started: ProcessKey } | { readonly ended: ProcessKey };

function recordNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  } catch {
    return [];
  }
}

function workersIn(file: string): ReadonlySet<ProcessKey> {
  const workers = new Set<ProcessKey>();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Another process reaps at the same moment.
    return workers;
  }
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry === null) continue;
    if ("started" in entry) workers.add(entry.started);
    else workers.delete(entry.ended);
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
