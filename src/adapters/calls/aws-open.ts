import type { Table } from "../aws/dynamodb.ts";
import type { AwsClients } from "../aws/clients.ts";
import { createValueStore, type ValueStore } from "../functions/aws-values.ts";
import { type AwsCallRows, createAwsCallRows } from "./aws-rows.ts";

/** Where the rows and objects of an environment's calls are. */
export interface AwsCallPlaces {
  readonly table: string;
  /** The environment's bucket, as far as a caller of this App can tell. */
  readonly bucket: (app: string) => Promise<string>;
}

/** The rows of durable calls, over clients that are loaded when the first is read or written. */
export function openAwsCallRows(clients: () => Promise<AwsClients>, places: AwsCallPlaces): AwsCallRows {
  const table = async (): Promise<Table> => (await clients()).table(places.table);
  // The second part of an object's key is its App.
  const storeOf = (key: string): ValueStore => createValueStore(clients, () => places.bucket(key.split("/")[1] ?? ""));
  return createAwsCallRows(
    {
      get: async (key) => (await table()).get(key),
      getMany: async (keys) => (await table()).getMany(keys),
      put: async (row) => (await table()).put(row),
      swap: async (row, attribute, before) => (await table()).swap(row, attribute, before),
      delete: async (key) => (await table()).delete(key),
      async *query(pk, attributes, after) {
        yield* (await table()).query(pk, attributes, after);
      },
      destroy: () => {},
    },
    { put: (key, value) => storeOf(key).put(key, value), get: (key) => storeOf(key).get(key) },
  );
}
