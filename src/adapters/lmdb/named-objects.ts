import { userInfo } from "node:os";
import { newObjectId, type ObjectIdPrefix } from "../../model/ids.ts";
import { deletedObject, existingObject, type ObjectKindName, unknownObject } from "../../model/object-errors.ts";
import { EPHEMERAL_LIFE_MS, type NamedObjects, type ObjectInfo, type ObjectRef } from "../../ports/named-objects.ts";
import type { RowReader, Rows, RowWriter } from "../../util/rows.ts";

/** What the named objects of one kind are kept by. */
export interface LocalObjectsParams {
  readonly kind: ObjectKindName;
  readonly prefix: ObjectIdPrefix;
  readonly environment: string;
  /** The rows of `openObjects`; opened when the first operation needs them. */
  readonly rows: () => Promise<Rows>;
  readonly nowMs: () => number;
  /** Removes all that an object holds, in as many transactions as it likes; what a killed one has left, the next one removes. */
  readonly purge: (rows: Rows, id: string) => Promise<void>;
}

/** The named objects of one kind, and what their contents need to know of them. */
export interface LocalObjects {
  readonly port: NamedObjects;
  /** Throws `NotFoundError` for an object that has been deleted. */
  need(rows: RowReader, ref: ObjectRef): void;
  /** The objects that are there, ephemeral ones included. */
  ids(rows: RowReader): readonly string[];
  /** Removes what deleted ones have left behind, and ephemeral ones that nobody has used for a day. */
  sweep(rows: Rows): Promise<void>;
}

/**
 * Named objects as rows of LMDB: `name` finds one, `object` says that its id lives, `beat` of an ephemeral one when it was
 * last in use, `gone` of a deleted one that its contents are still to be removed.
 */
export function createLocalObjects(params: LocalObjectsParams): LocalObjects {
  const { kind, environment, nowMs } = params;
  const key = (list: List, last = ""): string => `${list}#${environment}#${kind}#${last}`;

  const find = (rows: RowReader, name: string): ObjectInfo | undefined => read<ObjectInfo>(rows, key("name", name));

  const insert = (tx: RowWriter, name: (id: string) => string): ObjectInfo => {
    const id = newObjectId(params.prefix);
    const info: ObjectInfo = { name: name(id), id, createdAtMs: nowMs(), createdBy: userName() };
    write(tx, key("object", id), info);
    return info;
  };

  const insertNamed = (tx: RowWriter, name: string): ObjectInfo => {
    const info = insert(tx, () => name);
    write(tx, key("name", name), info);
    return info;
  };

  /** From here on nobody finds it; its contents go after that. */
  const markGone = (tx: RowWriter, { name, id }: ObjectRef): void => {
    tx.delete(key("name", name));
    tx.delete(key("beat", id));
    tx.delete(key("object", id));
    write(tx, key("gone", id), null);
  };

  const purge = async (rows: Rows, id: string): Promise<void> => {
    await params.purge(rows, id);
    await rows.delete(key("gone", id));
  };

  /** Deletes the object that `find` gives inside the transaction, if it gives one. */
  const remove = async (found: (tx: RowReader) => ObjectRef | undefined): Promise<boolean> => {
    const rows = await params.rows();
    const ref = await rows.transact((tx) => {
      const living = found(tx);
      if (living !== undefined) markGone(tx, living);
      return living;
    });
    if (ref !== undefined) await purge(rows, ref.id);
    return ref !== undefined;
  };

  const infoOf = (rows: RowReader, ref: ObjectRef): ObjectInfo => {
    const info = read<ObjectInfo>(rows, key("object", ref.id));
    if (info === undefined || info.name !== ref.name) throw deletedObject(kind, ref);
    return info;
  };

  const port: NamedObjects = {
    async open(name, { createIfMissing = false } = {}) {
      const rows = await params.rows();
      const found =
        find(rows, name) ?? (createIfMissing ? await rows.transact((tx) => find(tx, name) ?? insertNamed(tx, name)) : undefined);
      if (found === undefined) throw unknownObject(kind, name, environment);
      return found;
    },

    async create(name, { allowExisting = false } = {}) {
      const rows = await params.rows();
      return rows.transact((tx) => {
        const there = find(tx, name);
        if (there !== undefined && !allowExisting) throw existingObject(kind, name, environment);
        return there ?? insertNamed(tx, name);
      });
    },

    async createEphemeral() {
      const rows = await params.rows();
      return rows.transact((tx) => {
        const info = insert(tx, (id) => `~${id}`);
        write(tx, key("beat", info.id), nowMs());
        return info;
      });
    },

    async heartbeat(ref) {
      const rows = await params.rows();
      await rows.transact((tx) => {
        infoOf(tx, ref);
        write(tx, key("beat", ref.id), nowMs());
      });
    },

    async list({ maxObjects, createdBeforeMs = Number.POSITIVE_INFINITY } = {}) {
      const rows = await params.rows();
      const all = rows.range<Uint8Array>(key("name")).map((row) => parse<ObjectInfo>(row.value));
      const newest = all.filter((info) => info.createdAtMs < createdBeforeMs).toSorted((a, b) => b.createdAtMs - a.createdAtMs);
      return newest.slice(0, maxObjects);
    },

    async info(ref) {
      return infoOf(await params.rows(), ref);
    },

    async delete(name, { allowMissing = false } = {}) {
      const deleted = await remove((tx) => find(tx, name));
      if (!deleted && !allowMissing) throw unknownObject(kind, name, environment);
    },

    async deleteEphemeral(ref) {
      await remove((tx) => (read<ObjectInfo>(tx, key("object", ref.id))?.name === ref.name ? ref : undefined));
    },
  };

  return {
    port,
    need: infoOf,
    ids: (rows) => rows.range(key("object")).map((row) => lastPart(row.key)),

    async sweep(rows) {
      for (const row of rows.range(key("gone"))) await purge(rows, lastPart(row.key));
      for (const row of rows.range<Uint8Array>(key("beat"))) {
        const id = lastPart(row.key);
        const isDead = (tx: RowReader): boolean => (read<number>(tx, key("beat", id)) ?? nowMs()) < nowMs() - EPHEMERAL_LIFE_MS;
        if (isDead(rows)) await remove((tx) => (isDead(tx) ? { name: `~${id}`, id } : undefined));
      }
    },
  };
}

// --- Internal helpers ---

type List = "name" | "object" | "beat" | "gone";

function write(tx: RowWriter, key: string, data: unknown): void {
  tx.put(key, Buffer.from(JSON.stringify(data)));
}

function read<T>(rows: RowReader, key: string): T | undefined {
  const bytes = rows.get<Uint8Array>(key);
  return bytes === undefined ? undefined : parse<T>(bytes);
}

function parse<T>(bytes: Uint8Array): T {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf("#") + 1);
}

/** The user of this machine; `null` where the system has no name for it. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
