import { OBJECTS_INDEX } from "../model/aws-names.ts";
import { newObjectId, type ObjectIdPrefix } from "../model/ids.ts";
import { deletedObject, existingObject, type ObjectKindName, unknownObject } from "../model/object-errors.ts";
import { EPHEMERAL_LIFE_MS, type NamedObjects, type ObjectInfo, type ObjectRef } from "../ports/named-objects.ts";
import type { DataTable, IndexParams, IndexStart } from "./aws/data-table.ts";
import type { RowKey, TableRow } from "./aws/dynamodb.ts";

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

const NAME_KEY = "name";
const GONE_KEY = "deleted";

/**
 * Named objects as rows: the one at an object's name holds its id, and everything else of it lies in a partition of that
 * id. So an object that is made again under its name is empty, whatever is still being removed of the one before. Deleting
 * takes the name's row away and leaves a note in one transaction; then the contents go, and a day later the note, with
 * what those had written meanwhile who had not heard of it. Rows of names and notes are listed by the index.
 */
export function createAwsObjects(params: AwsObjectsParams): AwsObjects {
  const { kind, environment, table, nowMs } = params;
  const listed = kind.toLowerCase();
  const nameKey = (name: string): RowKey => ({ pk: params.partition(name, ""), sk: NAME_KEY });
  const goneKey = ({ name, id }: ObjectRef): RowKey => ({ pk: params.partition(name, id), sk: GONE_KEY });
  const known = new Liveness(params.aliveMs);

  const find = async (name: string): Promise<ObjectInfo | undefined> => {
    const row = await table.get(nameKey(name));
    return row === undefined ? undefined : known.seen(infoOf(name, row));
  };

  /** Makes an object unless there is one of its name; gives the one that is there then. */
  const make = async (name: string, id: string, list = listed): Promise<ObjectInfo> => {
    const createdBy = await params.createdBy();
    const at = nowMs();
    const row: TableRow = { ...nameKey(name), id, createdAt: at, createdBy: createdBy ?? undefined, listed: list, listedAt: at };
    const { written, before } = await table.replace(row, { deadAt: 0 });
    return known.seen(infoOf(name, written || before === undefined ? row : before));
  };

  /** Deletes the object; says whether it was there. */
  const remove = async (ref: ObjectRef): Promise<boolean> => {
    known.forget(ref.id);
    const note: TableRow = { ...goneKey(ref), name: ref.name, id: ref.id, listed: `${listed}-deleted`, listedAt: nowMs() };
    const removed = await table.exchange({ key: nameKey(ref.name), name: "id", value: ref.id }, note);
    if (removed) await params.purge(ref);
    return removed;
  };

  const info = async (ref: ObjectRef): Promise<ObjectInfo> => {
    const found = await find(ref.name);
    if (found?.id !== ref.id) throw deletedObject(kind, ref);
    return found;
  };

  const port: NamedObjects = {
    info,

    async open(name, { createIfMissing = false } = {}) {
      const found = (await find(name)) ?? (createIfMissing ? await make(name, newObjectId(params.prefix)) : undefined);
      if (found === undefined) throw unknownObject(kind, name, environment);
      return found;
    },

    async create(name, { allowExisting = false } = {}) {
      const id = newObjectId(params.prefix);
      const made = await make(name, id);
      if (made.id !== id && !allowExisting) throw existingObject(kind, name, environment);
      return made;
    },

    createEphemeral() {
      const id = newObjectId(params.prefix);
      return make(`~${id}`, id, `${listed}-ephemeral`);
    },

    async heartbeat(ref) {
      const beats = await table.set(nameKey(ref.name), { listedAt: nowMs() }, { name: "id", value: ref.id });
      if (!beats) throw deletedObject(kind, ref);
    },

    async list({ maxObjects = Number.POSITIVE_INFINITY, createdBeforeMs } = {}) {
      const keys: RowKey[] = [];
      const range = { name: "listedAt", below: createdBeforeMs };
      const params = { index: OBJECTS_INDEX, hash: { name: "listed", value: listed }, range, descending: true };
      for await (const page of indexPages(table, params)) {
        keys.push(...page);
        if (keys.length >= maxObjects) break;
      }
      const rows = await table.getMany(keys.slice(0, maxObjects));
      // One that has been deleted since is still in the index for a moment.
      return rows.flatMap((row) => (row === undefined ? [] : [infoOf(nameOf(row.pk), row)]));
    },

    async delete(name, { allowMissing = false } = {}) {
      const found = await find(name);
      const removed = found !== undefined && (await remove(found));
      if (!removed && !allowMissing) throw unknownObject(kind, name, environment);
    },

    async deleteEphemeral(ref) {
      await remove(ref);
    },
  };

  async function* older(what: string): AsyncGenerator<RowKey, void, void> {
    const hash = { name: "listed", value: `${listed}-${what}` };
    const range = { name: "listedAt", below: nowMs() - EPHEMERAL_LIFE_MS };
    for await (const page of indexPages(table, { index: OBJECTS_INDEX, hash, range })) yield* page;
  }

  return {
    port,

    async need(ref) {
      await known.check(ref.id, async () => {
        await info(ref);
      });
    },

    async sweep() {
      let ephemeral = 0;
      let deleted = 0;
      for await (const key of older("ephemeral")) {
        const row = await table.get(key);
        // The index may not have heard of the last heartbeat yet.
        if (row === undefined || Number(row["listedAt"]) >= nowMs() - EPHEMERAL_LIFE_MS) continue;
        if (await remove(infoOf(nameOf(row.pk), row))) ephemeral += 1;
      }
      for await (const key of older("deleted")) {
        const row = await table.get(key);
        if (row === undefined) continue;
        await params.purge({ name: String(row["name"]), id: String(row["id"]) });
        await table.remove(key);
        deleted += 1;
      }
      return { ephemeral, deleted };
    },
  };
}

// --- Internal helpers ---

async function* indexPages(table: DataTable, params: IndexParams): AsyncGenerator<readonly RowKey[], void, void> {
  let after: IndexStart | undefined;
  do {
    const { keys, next } = await table.indexPage({ ...params, after });
    yield keys;
    after = next;
  } while (after !== undefined);
}

function infoOf(name: string, row: TableRow): ObjectInfo {
  const { id, createdAt, createdBy } = row;
  return { name, id: String(id), createdAtMs: Number(createdAt), createdBy: typeof createdBy === "string" ? createdBy : null };
}

/** The second part of a partition's key. */
function nameOf(pk: string): string {
  return pk.split("#")[1] ?? "";
}

/** Which objects a process has seen a moment ago, so that it need not look for each of many operations. */
class Liveness {
  readonly #forMs: number;
  readonly #until = new Map<string, number>();
  readonly #checks = new Map<string, Promise<void>>();

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  seen(info: ObjectInfo): ObjectInfo {
    this.#until.set(info.id, performance.now() + this.#forMs);
    return info;
  }

  forget(id: string): void {
    this.#until.delete(id);
  }

  /** Looks, unless somebody has seen it or is looking. */
  async check(id: string, look: () => Promise<void>): Promise<void> {
    if (performance.now() < (this.#until.get(id) ?? 0)) return;
    let check = this.#checks.get(id);
    if (check === undefined) {
      check = look().finally(() => this.#checks.delete(id));
      this.#checks.set(id, check);
    }
    await check;
  }
}
