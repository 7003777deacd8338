import { join } from "node:path";
import type { RootDatabase } from "lmdb";
import type { RowReader, Rows, RowWriter } from "../../util/rows.ts";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { checkDataFile } from "./data-file.ts";
import { hearFailedBatches, openError, written } from "./failures.ts";

/** The local backend's durable rows. */
export interface LocalState {
  readonly rows: Rows;
  /** Closes the environment when the last user of it in this process closes it. */
  close(): Promise<void>;
}

interface Opened {
  readonly rows: Rows;
  readonly database: RootDatabase<unknown, string>;
  users: number;
}

/** LMDB's file locks belong to the process: one open environment per folder, shared by all its users. */
const opened = new Map<string, Promise<Opened>>();

/**
 * Opens the rows under `<stateDir>/state/`, making the folder when it is missing. Any number of processes may have
 * them open; one that dies at any moment leaves no lock and no half-written row. LMDB is loaded by the first call.
 */
export function openState(stateDir: string): Promise<LocalState> {
  return openRows(stateDir, "state", "msgpack");
}

/**
 * Opens the rows under `<stateDir>/objects/`, as {@link openState} does: what named objects hold. Every value is a
 * `Uint8Array`, read and written as it is. A file of its own, because LMDB has one writer at a time: what programs
 * put into their Dicts does not make calls wait, and large values do not lie between the rows of calls.
 */
export function openObjects(stateDir: string): Promise<LocalState> {
  return openRows(stateDir, "objects", "binary");
}

/** The rows of an open database, which lies in `folder`. */
export function createRows(database: RootDatabase<unknown, string>, folder: string): Rows {
  const read: RowReader = {
    get: <T>(key: string) => database.get(key) as T | undefined,
    peek: (key) => database.getBinaryFast(key) as Buffer | undefined,
    range: <T>(prefix: string, params: { readonly after?: string | undefined; readonly limit?: number | undefined } = {}) => [
      ...database
        .getRange({
          start: params.after ?? prefix,
          end: `${prefix}\uffff`,
          exclusiveStart: params.after !== undefined,
          ...(params.limit === undefined ? {} : { limit: params.limit }),
        })
        .map(({ key, value }) => ({ key, value: value as T })),
    ],
  };
  const writer: RowWriter = {
    ...read,
    put: (key, value) => void database.put(key, value),
    delete: (key) => void database.remove(key),
  };
  /** LMDB may keep a snapshot until the event loop goes on; a reader of another process's writes wants the newest. */
  const fresh = <A extends readonly unknown[], R>(body: (...args: A) => R) => {
    return (...args: A): R => {
      database.resetReadTxn();
      return body(...args);
    };
  };
  return {
    snapshot: fresh((body: (rows: RowReader) => unknown) => body(read)) as Rows["snapshot"],
    get: fresh(read.get) as Rows["get"],
    peek: fresh(read.peek),
    range: fresh(read.range) as Rows["range"],
    put: async (key, value) => void (await written(folder, () => database.put(key, value))),
    delete: async (key) => void (await written(folder, () => database.remove(key))),
    transact: (body) => written(folder, () => database.transaction(() => body(writer))),
  };
}

// --- Internal helpers ---

type Encoding = "msgpack" | "binary";

async function openRows(stateDir: string, name: string, encoding: Encoding): Promise<LocalState> {
  const folder = ensureStateFolder(stateDir, name);
  let opening = opened.get(folder);
  if (opening === undefined) {
    opening = openEnvironment(stateDir, folder, encoding);
    opened.set(folder, opening);
    opening.catch(() => opened.delete(folder));
  }
  const environment = await opening;
  environment.users += 1;
  let closed = false;
  return {
    rows: environment.rows,
    async close() {
      if (closed) return;
      closed = true;
      environment.users -= 1;
      if (environment.users > 0) return;
      opened.delete(folder);
      await environment.database.close();
    },
  };
}

async function openEnvironment(stateDir: string, folder: string, encoding: Encoding): Promise<Opened> {
  const [{ open }] = await Promise.all([import("lmdb"), checkDataFile(join(folder, "data.mdb"))]);
  let database: RootDatabase<unknown, string>;
  try {
    database = open({
      path: folder,
      encoding,
      // One for each thread of each process that has it open.
      maxReaders: 1_024,
      // A write that has resolved is on disk, whichever process wrote it.
      overlappingSync: false,
    });
  } catch (error) {
    throw openError(stateDir, folder, error);
  }
  // Readers that were killed would keep old pages alive for ever.
  database.readerCheck();
  hearFailedBatches(database);
  return { database, rows: createRows(database, folder), users: 0 };
}
