import { newObjectId, type ObjectIdPrefix } from "../../model/ids.ts";
import { deletedObject, existingObject, type ObjectKindName, unknownObject } from "../../model/object-errors.ts";
import { EPHEMERAL_LIFE_MS, type NamedObjects, type ObjectInfo, type ObjectRef } from "../../ports/named-objects.ts";
import type { RowReader, Rows, RowWriter } from "../../util/rows.ts";
import { userName } from "../../util/user-name.ts";

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
  const objects = new ObjectRows(params);
  return {
    port: portOf(objects, params),
    need: (rows, ref) => void objects.info(rows, ref),
    ids: (rows) => objects.ids(rows),
    sweep: (rows) => objects.sweep(rows),
  };
}

// --- Internal helpers ---

function portOf(objects: ObjectRows, { kind, environment, rows: open }: LocalObjectsParams): NamedObjects {
  return {
    async open(name, { createIfMissing = false } = {}) {
      const rows = await open();
      const found = objects.find(rows, name) ?? (createIfMissing ? await rows.transact((tx) => objects.findOrMake(tx, name)) : undefined);
      if (found === undefined) throw unknownObject(kind, name, environment);
      return found;
    },

    async create(name, { allowExisting = false } = {}) {
      const rows = await open();
      return rows.transact((tx) => {
        if (!allowExisting && objects.find(tx, name) !== undefined) throw existingObject(kind, name, environment);
        return objects.findOrMake(tx, name);
      });
    },

    async createEphemeral() {
      const rows = await open();
      return rows.transact((tx) => objects.makeEphemeral(tx));
    },

    async heartbeat(ref) {
      const rows = await open();
      await rows.transact((tx) => objects.beat(tx, ref));
    },

    async list({ maxObjects, createdBeforeMs = Number.POSITIVE_INFINITY } = {}) {
      const older = objects.all(await open()).filter((info) => info.createdAtMs < createdBeforeMs);
      return older.toSorted((a, b) => b.createdAtMs - a.createdAtMs).slice(0, maxObjects);
    },

    async info(ref) {
      return objects.info(await open(), ref);
    },

    async delete(name, { allowMissing = false } = {}) {
      const deleted = await objects.remove(await open(), (tx) => objects.find(tx, name));
      if (!deleted && !allowMissing) throw unknownObject(kind, name, environment);
    },

    async deleteEphemeral(ref) {
      await objects.remove(await open(), (tx) => (objects.has(tx, ref) ? ref : undefined));
    },
  };
}

type List = "name" | "object" | "beat" | "gone";

/** The rows that say which objects there are. */
class ObjectRows {
  readonly #params: LocalObjectsParams;

  constructor(params: LocalObjectsParams) {
    this.#params = params;
  }

  find(rows: RowReader, name: string): ObjectInfo | undefined {
    return read<ObjectInfo>(rows, this.#key("name", name));
  }

  all(rows: RowReader): readonly ObjectInfo[] {
    return rows.range<Uint8Array>(this.#key("name")).map((row) => parse<ObjectInfo>(row.value));
  }

  ids(rows: RowReader): readonly string[] {
    return rows.range(this.#key("object")).map((row) => lastPart(row.key));
  }

  has(rows: RowReader, { id, name }: ObjectRef): boolean {
    return read<ObjectInfo>(rows, this.#key("object", id))?.name === name;
  }

  info(rows: RowReader, ref: ObjectRef): ObjectInfo {
    const info = read<ObjectInfo>(rows, this.#key("object", ref.id));
    if (info === undefined || info.name !== ref.name) throw deletedObject(this.#params.kind, ref);
    return info;
  }

  findOrMake(tx: RowWriter, name: string): ObjectInfo {
    return this.find(tx, name) ?? this.#make(tx, newObjectId(this.#params.prefix), name);
  }

  makeEphemeral(tx: RowWriter): ObjectInfo {
    const id = newObjectId(this.#params.prefix);
    write(tx, this.#key("beat", id), this.#params.nowMs());
    return this.#make(tx, id, `~${id}`);
  }

  beat(tx: RowWriter, ref: ObjectRef): void {
    this.info(tx, ref);
    write(tx, this.#key("beat", ref.id), this.#params.nowMs());
  }

  /** Deletes the object that `found` gives inside the transaction, if it gives one. From then on nobody finds it; its contents go after that. */
  async remove(rows: Rows, found: (tx: RowReader) => ObjectRef | undefined): Promise<boolean> {
    const ref = await rows.transact((tx) => {
      const living = found(tx);
      if (living === undefined) return undefined;
      const { id, name } = living;
      for (const key of [this.#key("name", name), this.#key("beat", id), this.#key("object", id)]) tx.delete(key);
      write(tx, this.#key("gone", id), null);
      return living;
    });
    if (ref !== undefined) await this.#purge(rows, ref.id);
    return ref !== undefined;
  }

  async sweep(rows: Rows): Promise<void> {
    const { nowMs } = this.#params;
    for (const row of rows.range(this.#key("gone"))) await this.#purge(rows, lastPart(row.key));
    for (const row of rows.range<Uint8Array>(this.#key("beat"))) {
      const id = lastPart(row.key);
      const isDead = (tx: RowReader): boolean => (read<number>(tx, this.#key("beat", id)) ?? nowMs()) < nowMs() - EPHEMERAL_LIFE_MS;
      if (isDead(rows)) await this.remove(rows, (tx) => (isDead(tx) ? { name: `~${id}`, id } : undefined));
    }
  }

  #make(tx: RowWriter, id: string, name: string): ObjectInfo {
    const info: ObjectInfo = { name, id, createdAtMs: this.#params.nowMs(), createdBy: userName() };
    write(tx, this.#key("object", id), info);
    // One without a name is found by its id alone.
    if (!name.startsWith("~")) write(tx, this.#key("name", name), info);
    return info;
  }

  async #purge(rows: Rows, id: string): Promise<void> {
    await this.#params.purge(rows, id);
    await rows.delete(this.#key("gone", id));
  }

  #key(list: List, last = ""): string {
    return `${list}#${this.#params.environment}#${this.#params.kind}#${last}`;
  }
}

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
