import { InvalidError } from "../model/errors.ts";
import { checkName } from "../model/names.ts";
import { checkBoolean } from "../model/option-checks.ts";
import type { Backend, ObjectPorts } from "../ports/backend.ts";
import type { ObjectInfo } from "../ports/named-objects.ts";
import { showValue } from "../util/show-value.ts";
import { checkLookup, objectBackend, type ObjectKindOf, type ObjectLookupParams } from "./named-object.ts";

/** How an object is made. */
export interface ObjectCreateParams extends ObjectLookupParams {
  /** Whether one that is there already is no error; it stays as it is. @default false */
  readonly allowExisting?: boolean | undefined;
}

/** Which objects to list. */
export interface ObjectListParams extends ObjectLookupParams {
  /** 0 or more. @default - all */
  readonly maxObjects?: number | undefined;
  /** Only those made before. @default - all */
  readonly createdBefore?: Date | undefined;
}

/** How an object is deleted. */
export interface ObjectDeleteParams extends ObjectLookupParams {
  /** Whether one that is not there is no error. @default false */
  readonly allowMissing?: boolean | undefined;
}

/** The named objects of one kind in an environment. */
export class ObjectManager<H> {
  readonly #kind: ObjectKindOf<keyof ObjectPorts>;
  readonly #handle: (info: ObjectInfo, backend: Backend) => H;

  /** @internal */
  constructor(kind: ObjectKindOf<keyof ObjectPorts>, handle: (info: ObjectInfo, backend: Backend) => H) {
    this.#kind = kind;
    this.#handle = handle;
  }

  /** Makes an object, empty. Rejects with `AlreadyExistsError` for a name that is taken, unless `allowExisting`. */
  async create(name: string, params: ObjectCreateParams = {}): Promise<void> {
    const what = `${this.#kind.word}.objects.create`;
    const given = checkLookup(what, params, ["allowExisting"]);
    if (given["allowExisting"] !== undefined) checkBoolean(what, "allowExisting", given["allowExisting"]);
    const checked = checkName(this.#kind.word, name);
    await (await this.#port(what, params)).create(checked, { allowExisting: params.allowExisting });
  }

  /** Handles of the objects that have a name, newest first. Refused inside Functions: their roles list nothing. */
  async list(params: ObjectListParams = {}): Promise<H[]> {
    const what = `${this.#kind.word}.objects.list`;
    checkLookup(what, params, ["maxObjects", "createdBefore"]);
    const { maxObjects, createdBefore } = params;
    if (maxObjects !== undefined && !(Number.isInteger(maxObjects) && maxObjects >= 0))
      throw new InvalidError(`${what}: maxObjects is ${showValue(maxObjects)}. It must be an integer, 0 or more.`);
    const createdBeforeMs = createdBefore === undefined ? undefined : createdBefore instanceof Date ? createdBefore.getTime() : Number.NaN;
    if (Number.isNaN(createdBeforeMs))
      throw new InvalidError(`${what}: createdBefore is ${showValue(createdBefore)}. It must be a valid Date.`);
    const backend = await objectBackend(what, params);
    const found = await backend.objects[this.#kind.kind].list({ maxObjects, createdBeforeMs });
    return found.map((info) => this.#handle(info, backend));
  }

  /**
   * Deletes an object and all that is in it, for good; handles that have used it are refused from then on. Rejects with
   * `NotFoundError` for a name that is free, unless `allowMissing`.
   */
  async delete(name: string, params: ObjectDeleteParams = {}): Promise<void> {
    const what = `${this.#kind.word}.objects.delete`;
    const given = checkLookup(what, params, ["allowMissing"]);
    if (given["allowMissing"] !== undefined) checkBoolean(what, "allowMissing", given["allowMissing"]);
    const checked = checkName(this.#kind.word, name);
    await (await this.#port(what, params)).delete(checked, { allowMissing: params.allowMissing });
  }

  async #port(what: string, params: ObjectLookupParams): Promise<ObjectPorts[keyof ObjectPorts]> {
    return (await objectBackend(what, params)).objects[this.#kind.kind];
  }
}
