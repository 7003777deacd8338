import { OBJECTS_INDEX } from "../model/aws-names.ts";
import { newObjectId } from "../model/ids.ts";
import type { ObjectIdPrefix } from "../model/object-kinds.ts";
import { deletedObject, existingObject, unknownObject } from "../model/object-errors.ts";
import type { ObjectKindName } from "../model/object-kinds.ts";
import { EPHEMERAL_LIFE_MS, type NamedObjects, type ObjectInfo, type ObjectRef } from "../ports/named-objects.ts";
import type { DataTable, IndexParams, IndexStart } from "./aws/data-table.ts";
import type { RowKey, TableRow } from "./aws/table-row.ts";
import { Liveness } from "./liveness.ts";

/** Where the named objects of an environment are. */
export interface AwsObjectPlaces {
  readonly environment: string;
  /** The environment's bucket; asked for when the first value needs it. */
  readonly bucket: () => Promise<string>;
  /** Who makes what is made here. @default - nobody knows */
  readonly createdBy?: (() => Promise<string | null>) | undefined;
}

/** What the named objects of one kind are kept by on AWS. */
export interface AwsObjectsParams {
  readonly kind: ObjectKindName;
  readonly prefix: ObjectIdPrefix;
  readonly environment: string;
  readonly table: DataTable;
  /** A partition of an object's rows: all of them begin with its name. */
  readonly partition: (name: string, rest: string) => string;
  /** Who makes what is made here, as far as that is known. */
  readonly createdBy: () => Promise<string | null>;
  readonly nowMs: () => number;
  /** How long a process believes that an object is there before it looks again. */
  readonly aliveMs: number;
  /** Removes all that an object holds; may be called again for one that is empty. */
  readonly purge: (ref: ObjectRef) => Promise<void>;
}

/** The named objects of one kind, and what their contents need to know of them. */
export interface AwsObjects {
  readonly port: NamedObjects;
  /** Rejects with `NotFoundError` for an object that has been deleted; one that was deleted just now elsewhere may pass. */
  need(ref: ObjectRef): Promise<void>;
  /** Removes ephemeral objects that nobody has used for a day, and what was written into deleted ones while they went. */
  sweep(): Promise<SweptObjects>;
}

/** What a sweep has removed. */
export interface SweptObjects {
  readonly ephemeral: number;
  readonly deleted: number;
}

/**
 * Named objects as rows: the one at an object's name holds its id, and everything else of it lies in a partition of that
 * id. So an object that is made again under its name is empty, whatever is still being removed of the one before. Deleting
 * takes the name's row away and leaves a note in one transaction; then the contents go, and a day later the note, with
 * what those had written meanwhile who had not heard of it. Rows of names and notes are listed by the index.
 */
export function createAwsObjects(params: AwsObjectsParams): AwsObjects {
  const objects = new ObjectRows(params);
  return { port: portOf(objects, params), need: (ref) => objects.need(ref), sweep: () => objects.sweep() };
}

// --- Internal helpers ---

function portOf(objects: ObjectRows, { kind, prefix, environment }: AwsObjectsParams): NamedObjects {
  return {
    async open(name, { createIfMissing = false } = {}) {
      const found = (await objects.find(name)) ?? (createIfMissing ? await objects.make(name, newObjectId(prefix)) : undefined);
      if (found === undefined) throw unknownObject(kind, name, environment);
      return found;
    },

    async create(name, { allowExisting = false } = {}) {
      const id = newObjectId(prefix);
      const made = await objects.make(name, id);
      if (made.id !== id && !allowExisting) throw existingObject(kind, name, environment);
      return made;
    },

    createEphemeral() {
      const id = newObjectId(prefix);
      return objects.make(`~${id}`, id);
    },

    heartbeat: (ref) => objects.beat(ref),
    info: (ref) => objects.info(ref),

    async list({ maxObjects = Number.POSITIVE_INFINITY, createdBeforeMs } = {}) {
      return maxObjects === 0 ? [] : objects.newest(maxObjects, createdBeforeMs);
    },

    async delete(name, { allowMissing = false } = {}) {
      const found = await objects.find(name);
      const removed = found !== undefined && (await objects.remove(found));
      if (!removed && !allowMissing) throw unknownObject(kind, name, environment);
    },

    async deleteEphemeral(ref) {
      await objects.remove(ref);
    },
  };
}

const NAME_KEY = "name";
const GONE_KEY = "deleted";

/** The rows that say which objects there are. */
class ObjectRows {
  readonly #params: AwsObjectsParams;
  readonly #table: DataTable;
  /** What the index lists objects of this kind as. */
  readonly #listed: string;
  readonly #known: Liveness;

  constructor(params: AwsObjectsParams) {
    this.#params = params;
    this.#table = params.table;
    this.#listed = params.kind.toLowerCase();
    this.#known = new Liveness(params.aliveMs);
  }

  async find(name: string): Promise<ObjectInfo | undefined> {
    const row = await this.#table.get(this.#nameKey(name));
    return row === undefined ? undefined : this.#seen(infoOf(name, row));
  }

  /** Makes an object unless there is one of its name; gives the one that is there then. */
  async make(name: string, id: string): Promise<ObjectInfo> {
    const createdBy = (await this.#params.createdBy()) ?? undefined;
    const at = this.#params.nowMs();
    const listed = name.startsWith("~") ? `${this.#listed}-ephemeral` : this.#listed;
    const row: TableRow = { ...this.#nameKey(name), id, createdAt: at, createdBy, listed, listedAt: at };
    const { written, before } = await this.#table.replace(row, { deadAt: 0 });
    return this.#seen(infoOf(name, written || before === undefined ? row : before));
  }

  async beat({ name, id }: ObjectRef): Promise<void> {
    const beats = await this.#table.set(this.#nameKey(name), { listedAt: this.#params.nowMs() }, { name: "id", value: id });
    if (!beats) throw deletedObject(this.#params.kind, { name, id });
  }

  async info(ref: ObjectRef): Promise<ObjectInfo> {
    const found = await this.find(ref.name);
    if (found?.id !== ref.id) throw deletedObject(this.#params.kind, ref);
    return found;
  }

  need(ref: ObjectRef): Promise<void> {
    return this.#known.check(ref.id, async () => {
      await this.info(ref);
    });
  }

  async newest(most: number, belowMs: number | undefined): Promise<readonly ObjectInfo[]> {
    const keys: RowKey[] = [];
    for await (const page of this.#listedAs(this.#listed, belowMs, true)) {
      keys.push(...page);
      if (keys.length >= most) break;
    }
    const rows = await this.#table.getMany(keys.slice(0, most));
    // One that has been deleted since is still in the index for a moment.
    return rows.flatMap((row) => (row === undefined ? [] : [infoOf(nameOf(row.pk), row)]));
  }

  /** Deletes the object; says whether it was there. */
  async remove(ref: ObjectRef): Promise<boolean> {
    this.#known.forget(ref.id);
    const { name, id } = ref;
    const key = { pk: this.#params.partition(name, id), sk: GONE_KEY };
    const note: TableRow = { ...key, name, id, listed: `${this.#listed}-deleted`, listedAt: this.#params.nowMs() };
    const removed = await this.#table.exchange({ key: this.#nameKey(name), name: "id", value: id }, note);
    if (removed) await this.#params.purge(ref);
    return removed;
  }

  async sweep(): Promise<SweptObjects> {
    let ephemeral = 0;
    let deleted = 0;
    for await (const row of this.#olderThanADay("ephemeral")) if (await this.remove(infoOf(nameOf(row.pk), row))) ephemeral += 1;
    for await (const row of this.#olderThanADay("deleted")) {
      await this.#params.purge({ name: String(row["name"]), id: String(row["id"]) });
      await this.#table.remove({ pk: row.pk, sk: row.sk });
      deleted += 1;
    }
    return { ephemeral, deleted };
  }

  async *#olderThanADay(what: "ephemeral" | "deleted"): AsyncGenerator<TableRow, void, void> {
    const belowMs = this.#params.nowMs() - EPHEMERAL_LIFE_MS;
    for await (const page of this.#listedAs(`${this.#listed}-${what}`, belowMs)) {
      // One by one, since the index may not have heard of the last heartbeat yet.
      for (const key of page) {
        const row = await this.#table.get(key);
        if (row !== undefined && Number(row["listedAt"]) < belowMs) yield row;
      }
    }
  }

  async *#listedAs(value: string, belowMs: number | undefined, descending = false): AsyncGenerator<readonly RowKey[], void, void> {
    const hash = { name: "listed", value };
    const params: IndexParams = { index: OBJECTS_INDEX, hash, range: { name: "listedAt", below: belowMs }, descending };
    let after: IndexStart | undefined;
    do {
      const { keys, next } = await this.#table.indexPage({ ...params, after });
      yield keys;
      after = next;
    } while (after !== undefined);
  }

  #nameKey(name: string): RowKey {
    return { pk: this.#params.partition(name, ""), sk: NAME_KEY };
  }

  #seen(info: ObjectInfo): ObjectInfo {
    this.#known.seen(info.id);
    return info;
  }
}

function infoOf(name: string, row: TableRow): ObjectInfo {
  const { id, createdAt, createdBy } = row;
  return { name, id: String(id), createdAtMs: Number(createdAt), createdBy: typeof createdBy === "string" ? createdBy : null };
}

/** The second part of a partition's key. */
function nameOf(pk: string): string {
  return pk.split("#")[1] ?? "";
}
