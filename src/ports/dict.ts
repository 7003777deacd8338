import type { EncodedValue } from "../model/encoded.ts";
import { namedObjectsOperations, type NamedObjects, type ObjectRef } from "./named-objects.ts";
import type { OperationsOf } from "./operation.ts";

/**
 * A key in its canonical form: two keys are the same when text and parts are. It is an encoded value like any other, so
 * that it decodes to the key that was put.
 */
export type DictKey = EncodedValue;

/** A pair of a Dict. */
export interface DictEntry {
  readonly key: DictKey;
  readonly value: EncodedValue;
}

/**
 * Dicts: pairs of an environment, shared by Apps, processes and machines. One pair is changed as a whole: no reader sees a
 * half of it, and of several writers the last one wins. A pair goes 7 days after its last read or write.
 *
 * An operation on a Dict that has been deleted rejects with `NotFoundError`.
 */
export interface DictPort extends NamedObjects {
  get(dict: ObjectRef, key: DictKey): Promise<EncodedValue | undefined>;
  /** Says whether it wrote: not when `skipIfExists` and the key is there. */
  put(dict: ObjectRef, key: DictKey, value: EncodedValue, params?: { readonly skipIfExists?: boolean | undefined }): Promise<boolean>;
  /** Writes many pairs, at most 10,000; each as a whole, all of them in no order. Of two with one key the later counts. */
  update(dict: ObjectRef, entries: readonly DictEntry[]): Promise<void>;
  /** Removes a pair and gives its value; of several callers one gets it. */
  pop(dict: ObjectRef, key: DictKey): Promise<EncodedValue | undefined>;
  /** Whether the key is there. Does not count as a read for its expiry. */
  contains(dict: ObjectRef, key: DictKey): Promise<boolean>;
  /** How many pairs there are, at most 100,000. */
  len(dict: ObjectRef): Promise<number>;
  clear(dict: ObjectRef): Promise<void>;
  /** Keys by the page, in no order; what is written meanwhile may be there or not. */
  keys(dict: ObjectRef): AsyncIterable<readonly DictKey[]>;
  /** Pairs by the page, likewise. */
  entries(dict: ObjectRef): AsyncIterable<readonly DictEntry[]>;
}

/** The port's operations as data. */
export const dictOperations = {
  ...namedObjectsOperations,
  get: { shape: "once", object: "0.name", values: { args: ["1"], answer: [""] } },
  put: { shape: "once", object: "0.name", values: { args: ["1", "2"] } },
  update: { shape: "once", object: "0.name", values: { args: ["1.*.key", "1.*.value"] } },
  pop: { shape: "once", object: "0.name", values: { args: ["1"], answer: [""] } },
  contains: { shape: "once", object: "0.name", values: { args: ["1"] } },
  len: { shape: "once", object: "0.name" },
  clear: { shape: "once", object: "0.name" },
  keys: { shape: "stream", object: "0.name", values: { item: ["*"] } },
  entries: { shape: "stream", object: "0.name", values: { item: ["*.key", "*.value"] } },
} as const satisfies OperationsOf<DictPort>;
