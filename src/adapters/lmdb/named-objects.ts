import { existingObject, unknownObject } from "../../model/object-errors.ts";
import type { NamedObjects, ObjectInfo, ObjectRef } from "../../ports/named-objects.ts";
import type { RowReader, Rows } from "../../util/rows.ts";
import { ObjectRows, type ObjectRowsParams } from "./object-rows.ts";

/** What the named objects of one kind are kept by. */
export interface KindObjectsParams extends ObjectRowsParams {
  /** The rows of `openObjects`; opened when the first operation needs them. */
  readonly rows: () => Promise<Rows>;
  /** Removes all that an object holds, in any number of transactions. After a kill it is called again. */
  readonly purge: (rows: Rows, id: string) => Promise<void>;
}

/** The named objects of one kind, and what their contents need to know of them. */
export interface KindObjects {
  readonly port: NamedObjects;
  /** Throws `NotFoundError` for an object that has been deleted. */
  need(rows: RowReader, ref: ObjectRef): void;
  /** The objects that are there, ephemeral ones included. */
  ids(rows: RowReader): readonly string[];
  /** Removes what deleted ones have left behind, and ephemeral ones that have not been in use for a day. */
  sweep(rows: Rows): Promise<void>;
}

/** Named objects as rows of LMDB. */
export function createLocalObjects(params: KindObjectsParams): KindObjects {
  const objects = new ObjectRows(params);
  const remove = (found: Found): Promise<boolean> => removeObject(params, objects, found);
  return {
    port: createPort(params, objects, remove),
    need: (rows, ref) => void objects.info(rows, ref),
    ids: (rows) => objects.ids(rows),
    async sweep(rows) {
      for (const id of objects.gone(rows)) await purge(params, objects, rows, id);
      for (const ref of objects.lost(rows)) await remove((tx) => (objects.isLost(tx, ref.id) ? ref : undefined));
    },
  };
}

// --- Internal helpers ---

/** Finds an object inside the transaction that deletes it. */
type Found = (tx: RowReader) => ObjectRef | undefined;

function createPort(params: KindObjectsParams, objects: ObjectRows, remove: (found: Found) => Promise<boolean>): NamedObjects {
  const { kind, environment } = params;
  return {
    async open(name, { createIfMissing = false } = {}) {
      const rows = await params.rows();
      const found = objects.find(rows, name);
      if (found !== undefined) return found;
      if (!createIfMissing) throw unknownObject(kind, name, environment);
      return rows.transact((tx) => objects.find(tx, name) ?? objects.insert(tx, name));
    },
    async create(name, { allowExisting = false } = {}) {
      const rows = await params.rows();
      return rows.transact((tx) => {
        const there = objects.find(tx, name);
        if (there !== undefined && !allowExisting) throw existingObject(kind, name, environment);
        return there ?? objects.insert(tx, name);
      });
    },
    async createEphemeral() {
      return (await params.rows()).transact((tx) => objects.insertEphemeral(tx));
    },
    async heartbeat(ref) {
      await (await params.rows()).transact((tx) => objects.beat(tx, objects.info(tx, ref)));
    },
    async list({ maxObjects, createdBeforeMs = Number.POSITIVE_INFINITY } = {}) {
      const all = objects.named(await params.rows());
      const newest = all.filter((info) => info.createdAtMs < createdBeforeMs).toSorted((a, b) => b.createdAtMs - a.createdAtMs);
      return newest.slice(0, maxObjects);
    },
    async info(ref): Promise<ObjectInfo> {
      return objects.info(await params.rows(), ref);
    },
    async delete(name, { allowMissing = false } = {}) {
      const deleted = await remove((tx) => objects.find(tx, name));
      if (!deleted && !allowMissing) throw unknownObject(kind, name, environment);
    },
    async deleteEphemeral(ref) {
      await remove((tx) => (objects.lives(tx, ref) ? ref : undefined));
    },
  };
}

/** Deletes the object that is found, if one is, with its contents; says whether there was one. */
async function removeObject(params: KindObjectsParams, objects: ObjectRows, found: Found): Promise<boolean> {
  const rows = await params.rows();
  const ref = await rows.transact((tx) => {
    const living = found(tx);
    if (living !== undefined) objects.markGone(tx, living);
    return living;
  });
  if (ref !== undefined) await purge(params, objects, rows, ref.id);
  return ref !== undefined;
}

async function purge(params: KindObjectsParams, objects: ObjectRows, rows: Rows, id: string): Promise<void> {
  await params.purge(rows, id);
  await rows.delete(objects.goneKey(id));
}
