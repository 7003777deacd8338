import type { EncodedValue } from "../model/encoded.ts";
import { DeserializationError, InvalidError, NotFoundError } from "../model/errors.ts";
import { type ObjectUse, USE, type Usable } from "../model/object-use.ts";
import type { Backend } from "../ports/backend.ts";
import type { DictEntry, DictPort } from "../ports/dict.ts";
import type { ObjectRef } from "../ports/named-objects.ts";
import { showValue } from "../util/show-value.ts";
import { checkBoolean, checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import { decode, encode, registerHandle } from "../wire/codec.ts";
import { encodeKey } from "../wire/key.ts";
import { type DictEntries, pairsOf } from "./dict-entries.ts";
import {
  checkFromName,
  checkLookup,
  type HandleData,
  keepAlive,
  type NamedObjectInfo,
  namePattern,
  noteHandle,
  objectBackend,
  type ObjectFromNameParams,
  type ObjectLookupParams,
  ObjectTarget,
} from "./named-object.ts";
import { ObjectManager } from "./object-manager.ts";

const KIND = { kind: "dict", word: "Dict" } as const;
const BRAND = Symbol.for("tenon.dict");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** How `put` treats a key that is there. */
export interface DictPutParams {
  /** Whether the pair that is there stays; `put` then says `false`. @default false */
  readonly skipIfExists?: boolean | undefined;
}

/**
 * A store of pairs that all Apps of an environment share; it outlives them.
 *
 * Keys and values are whatever a call can take; a key is known again by what it holds, so `{ a: 1, b: 2 }` is
 * `{ b: 2, a: 1 }` (keys with cycles or errors in them are refused). Each pair is written and read as a whole, and a value
 * that was read is a copy. A pair has 100 MiB at most, below 5 is better, and goes 7 days after its last write or read;
 * of several reads within a day the first one counts.
 *
 * @example
 * import { App, Dict } from "tenon";
 *
 * const app = new App("crawler");
 * const seen = Dict.fromName<string, number>("seen", { createIfMissing: true });
 *
 * export const visit = app.function("visit", async (url: string) => {
 *   if (!(await seen.put(url, Date.now(), { skipIfExists: true }))) return "someone else was here";
 *   return (await fetch(url)).status;
 * });
 */
export class Dict<K = unknown, V = unknown> implements Usable {
  /** The Dicts of an environment: `create`, `list`, `delete`. */
  static readonly objects: ObjectManager<Dict> = new ObjectManager(
    KIND,
    (info, backend) => new Dict(new ObjectTarget(KIND, info, {}, backend)),
  );

  /** What `uses` takes the class for: Dicts without names. */
  static readonly [USE]: ObjectUse = { kind: "dict" };

  readonly #target: ObjectTarget<"dict">;

  protected constructor(target: ObjectTarget<"dict">) {
    if (!(target instanceof ObjectTarget))
      throw new InvalidError("Dict has no constructor of its own.", { hint: "Write Dict.fromName(name) or await Dict.ephemeral()." });
    this.#target = target;
  }

  /**
   * The Dict of this name. Asks nobody: its first use finds it, or, with `createIfMissing`, makes it. Throws `InvalidError`
   * for a wrong name or option.
   */
  static fromName<K = unknown, V = unknown>(name: string, params: ObjectFromNameParams = {}): Dict<K, V> {
    const checked = checkFromName("Dict", name, params);
    const dict = new Dict<K, V>(new ObjectTarget(KIND, checked.name, checked.params));
    noteHandle(dict[USE]);
    return dict;
  }

  /**
   * A new Dict without a name, which lives until it is closed. It can be sent to Functions, which may use it meanwhile.
   *
   * @example
   * import { Dict } from "tenon";
   *
   * await using scores = await Dict.ephemeral<string, number>();
   * await scores.put("ada", 36);
   */
  static async ephemeral<K = unknown, V = unknown>(params: ObjectLookupParams = {}): Promise<EphemeralDict<K, V>> {
    checkLookup("Dict.ephemeral", params);
    return EphemeralDict.open(await objectBackend("Dict.ephemeral()", params));
  }

  /**
   * All Dicts whose names begin with what stands before the `*`, or the one of this name: for `app.uses` and the option
   * `uses`. The class itself stands there for Dicts without names. Throws `InvalidError`.
   */
  static named(pattern: string): Usable {
    return namePattern(KIND, pattern);
  }

  /** @internal */
  static fromData({ name, id, createIfMissing, environment }: HandleData): Dict {
    const address = id === undefined ? checkFromName("Dict", name, {}).name : { name, id };
    return new Dict(new ObjectTarget(KIND, address, { createIfMissing, environment }));
  }

  /** Its name; `null` for an ephemeral one. */
  get name(): string | null {
    return this.#target.name;
  }

  /** The value of a key; the default when it is not there. Rejects with `SerializationError` for what can't be a key. */
  get(key: K): Promise<V | undefined>;
  get<D>(key: K, defaultValue: D): Promise<V | D>;
  async get(key: K, defaultValue?: unknown): Promise<unknown> {
    const encoded = encodeKey(key);
    const target = this.#target.find();
    // Without an await where there is nothing to wait for.
    const { port, ref } = target instanceof Promise ? await target : target;
    const found = await port.get(ref, encoded);
    return found === undefined ? defaultValue : this.#read(found, key);
  }

  /**
   * Writes a pair and says `true`; with `skipIfExists` it leaves a pair that is there as it is and says `false`, and of
   * several callers exactly one hears `true`: a lock. Rejects with `RequestSizeError` above 100 MiB.
   */
  async put(key: K, value: V, params: DictPutParams = {}): Promise<boolean> {
    checkOptionNames("put", checkOptionsObject("put", params), { known: ["skipIfExists"] });
    if (params.skipIfExists !== undefined) checkBoolean("put", "skipIfExists", params.skipIfExists);
    const encoded = encodeKey(key);
    const sent = encode(value);
    const { port, ref } = await this.#target.find();
    return port.put(ref, encoded, sent, params);
  }

  /**
   * Removes a pair and gives its value: of several callers exactly one gets it. A key that is not there gives the default;
   * without one it rejects with `NotFoundError`.
   */
  pop(key: K): Promise<V>;
  pop<D>(key: K, defaultValue: D): Promise<V | D>;
  async pop(key: K, ...defaultValue: readonly [] | readonly [unknown]): Promise<unknown> {
    const encoded = encodeKey(key);
    const { port, ref } = await this.#target.find();
    const found = await port.pop(ref, encoded);
    if (found !== undefined) return this.#read(found, key);
    if (defaultValue.length > 0) return defaultValue[0];
    throw new NotFoundError(`${showValue(key)} is not in ${this.toString()}.`, { hint: "Pass a default: dict.pop(key, undefined)." });
  }

  /**
   * Writes many pairs, 10,000 at most; of two with one key the later counts. Each is written as a whole, but not all of
   * them at once. Rejects with `RequestSizeError` for more.
   */
  async update(entries: DictEntries<K, V>): Promise<void> {
    const encoded = new Map<string, DictEntry>();
    for (const [key, value] of pairsOf(entries)) {
      const entry = { key: encodeKey(key), value: encode(value) };
      encoded.set(entry.key.codec + entry.key.text, entry);
    }
    const { port, ref } = await this.#target.find();
    await port.update(ref, [...encoded.values()]);
  }

  /** Whether a key is there. Does not prolong its life. */
  async contains(key: K): Promise<boolean> {
    const encoded = encodeKey(key);
    const { port, ref } = await this.#target.find();
    return port.contains(ref, encoded);
  }

  /** How many pairs there are; 100,000 when there are more. It counts them one by one. */
  async len(): Promise<number> {
    const { port, ref } = await this.#target.find();
    return port.len(ref);
  }

  /** Removes every pair. */
  async clear(): Promise<void> {
    const { port, ref } = await this.#target.find();
    await port.clear(ref);
  }

  /** Every key, in no order. What is written meanwhile may be there or not. Does not prolong the life of the pairs. */
  async *keys(): AsyncGenerator<K, void, void> {
    const { port, ref } = await this.#target.find();
    for await (const page of port.keys(ref)) for (const key of page) yield decode(key) as K;
  }

  /** Every value, likewise; it counts as a read of each pair. */
  async *values(): AsyncGenerator<V, void, void> {
    for await (const [, value] of this.entries()) yield value;
  }

  /** Every pair, likewise; it counts as a read of each. */
  async *entries(): AsyncGenerator<[K, V], void, void> {
    const { port, ref } = await this.#target.find();
    for await (const page of port.entries(ref)) {
      for (const entry of page) {
        const key = decode(entry.key) as K;
        yield [key, this.#read(entry.value, key) as V];
      }
    }
  }

  /** What is known of it. Rejects with `NotFoundError` when it has been deleted. */
  async info(): Promise<NamedObjectInfo> {
    const { port, ref } = await this.#target.find();
    const { id, createdAtMs, createdBy } = await port.info(ref);
    return { name: this.name, id, createdAt: new Date(createdAtMs), createdBy };
  }

  /** `Dict(seen)`. */
  toString(): string {
    return this.#target.what;
  }

  /** Refuses: JSON would lose what it is. */
  toJSON(): never {
    throw new InvalidError(`${this.toString()} can't be turned into JSON.`, { hint: "Write its name, and read it with Dict.fromName." });
  }

  /** What `uses` takes it for. */
  get [USE](): ObjectUse {
    return this.#target.use;
  }

  /** @internal As it travels inside values. */
  get [BRAND](): HandleData {
    return this.#target.data;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  #read(value: EncodedValue, key: unknown): unknown {
    try {
      return decode(value);
    } catch (cause) {
      throw new DeserializationError(
        `The value of ${showValue(key)} in ${this.toString()} can't be read: ${String((cause as Error).message)}`,
        {
          cause,
        },
      );
    }
  }
}

/** A Dict without a name: it says that it is in use, and is deleted when it is closed. */
export class EphemeralDict<K = unknown, V = unknown> extends Dict<K, V> {
  readonly #port: DictPort;
  readonly #ref: ObjectRef;
  readonly #stop: () => void;

  protected constructor(backend: Backend, ref: ObjectRef) {
    super(new ObjectTarget(KIND, ref, {}, backend));
    this.#port = backend.objects.dict;
    this.#ref = ref;
    this.#stop = keepAlive(() => this.#port.heartbeat(ref));
  }

  /** @internal */
  static async open<K, V>(backend: Backend): Promise<EphemeralDict<K, V>> {
    const { name, id } = await backend.objects.dict.createEphemeral();
    return new EphemeralDict<K, V>(backend, { name, id });
  }

  /** Deletes it with all that is in it. May be called again. */
  async close(): Promise<void> {
    this.#stop();
    await this.#port.deleteEphemeral(this.#ref);
  }

  /** Same as {@link EphemeralDict.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

registerHandle("Dict", {
  is: (value) => typeof value === "object" && value !== null && BRAND in value,
  toData: (value) => (value as Dict)[BRAND],
  fromData: (data) => Dict.fromData(data as HandleData),
});
