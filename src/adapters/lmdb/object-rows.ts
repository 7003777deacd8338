import { userInfo } from "node:os";
import { newObjectId } from "../../model/ids.ts";
import type { ObjectIdPrefix } from "../../model/object-kinds.ts";
import { deletedObject } from "../../model/object-errors.ts";
import type { ObjectKindName } from "../../model/object-kinds.ts";
import { EPHEMERAL_LIFE_MS, type ObjectInfo, type ObjectRef } from "../../ports/named-objects.ts";
import type { RowReader, RowWriter } from "../../util/rows.ts";

/** Which objects the rows are about. */
export interface ObjectRowsParams {
  readonly kind: ObjectKindName;
  readonly prefix: ObjectIdPrefix;
  readonly environment: string;
  readonly nowMs: () => number;
}

type List = "name" | "object" | "beat" | "gone";

/**
 * The rows of the named objects of one kind: `name` finds one, `object` says that its id lives, `beat` of an ephemeral one
 * when it was last in use, `gone` of a deleted one that its contents are still to be removed.
 */
export class ObjectRows {
  readonly #params: ObjectRowsParams;

  constructor(params: ObjectRowsParams) {
    this.#params = params;
  }

  /** The object of a name; `undefined` when there is none. */
  find(rows: RowReader, name: string): ObjectInfo | undefined {
    return read<ObjectInfo>(rows, this.#key("name", name));
  }

  /** An object that lives. Throws `NotFoundError` for one that has been deleted. */
  info(rows: RowReader, ref: ObjectRef): ObjectInfo {
    const info = read<ObjectInfo>(rows, this.#key("object", ref.id));
    if (info === undefined || info.name !== ref.name) throw deletedObject(this.#params.kind, ref);
    return info;
  }

  /** Whether this very object lives. */
  lives(rows: RowReader, ref: ObjectRef): boolean {
    return read<ObjectInfo>(rows, this.#key("object", ref.id))?.name === ref.name;
  }

  /** The objects that have a name. */
  named(rows: RowReader): readonly ObjectInfo[] {
    return rows.range<Uint8Array>(this.#key("name")).map((row) => parse<ObjectInfo>(row.value));
  }

  /** The ids of all objects that live, ephemeral ones included. */
  ids(rows: RowReader): readonly string[] {
    return this.#idsIn(rows, "object");
  }

  /** The ids of deleted objects whose contents are still to be removed. */
  gone(rows: RowReader): readonly string[] {
    return this.#idsIn(rows, "gone");
  }

  /** The ephemeral objects that have not been in use for a day. */
  lost(rows: RowReader): readonly ObjectRef[] {
    return this.#idsIn(rows, "beat").flatMap((id) => (this.isLost(rows, id) ? [{ name: `~${id}`, id }] : []));
  }

  /** Whether an ephemeral object is there and has not been in use for a day. */
  isLost(rows: RowReader, id: string): boolean {
    const beatMs = read<number>(rows, this.#key("beat", id));
    return beatMs !== undefined && beatMs < this.#params.nowMs() - EPHEMERAL_LIFE_MS;
  }

  insert(tx: RowWriter, name: string): ObjectInfo {
    const info = this.#insert(tx, () => name);
    write(tx, this.#key("name", name), info);
    return info;
  }

  insertEphemeral(tx: RowWriter): ObjectInfo {
    const info = this.#insert(tx, (id) => `~${id}`);
    this.beat(tx, info);
    return info;
  }

  /** Says that an ephemeral object is in use now. */
  beat(tx: RowWriter, { id }: ObjectRef): void {
    write(tx, this.#key("beat", id), this.#params.nowMs());
  }

  /** Deletes an object: it can't be found any more, and its contents are removed after that. */
  markGone(tx: RowWriter, { name, id }: ObjectRef): void {
    tx.delete(this.#key("name", name));
    tx.delete(this.#key("beat", id));
    tx.delete(this.#key("object", id));
    write(tx, this.#key("gone", id), null);
  }

  /** The key of the row that says that contents are still to be removed. */
  goneKey(id: string): string {
    return this.#key("gone", id);
  }

  #insert(tx: RowWriter, nameOf: (id: string) => string): ObjectInfo {
    const id = newObjectId(this.#params.prefix);
    const info: ObjectInfo = { name: nameOf(id), id, createdAtMs: this.#params.nowMs(), createdBy: userName() };
    write(tx, this.#key("object", id), info);
    return info;
  }

  #idsIn(rows: RowReader, list: List): readonly string[] {
    return rows.range(this.#key(list)).map(({ key }) => key.slice(key.lastIndexOf("#") + 1));
  }

  #key(list: List, last = ""): string {
    const { environment, kind } = this.#params;
    return `${list}#${environment}#${kind}#${last}`;
  }
}

// --- Internal helpers ---

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

/** The user of this machine; `null` where the system has no name for it. */
function userName(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
