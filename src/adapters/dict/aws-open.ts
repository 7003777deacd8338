import { dataTable } from "../../model/aws-names.ts";
import type { AwsClients } from "../aws/clients.ts";
import type { DataTable } from "../aws/data-table.ts";
import type { AwsObjectPlaces } from "../aws-objects.ts";
import { type AwsDict, createAwsDict } from "./aws.ts";
import type { ValueObjects } from "./aws-values.ts";
import { dictFailure } from "./errors.ts";

/** The Dicts of an environment, over clients that are loaded when the first operation needs them. Its errors are Tenon's. */
export function openAwsDict(clients: () => Promise<AwsClients>, { environment, bucket, createdBy }: AwsObjectPlaces): AwsDict {
  const name = dataTable(environment);
  const onTable = async <T>(action: string, ask: (table: DataTable) => Promise<T>): Promise<T> => {
    const table = (await clients()).data(name);
    return ask(table).catch((error: unknown) => {
      throw dictFailure(error, { service: "Amazon DynamoDB", action: `dynamodb:${action}`, resource: `the table ${name}` }, environment);
    });
  };
  const onBucket = async <T>(action: string, ask: (s3: AwsClients["s3"], bucket: string) => Promise<T>): Promise<T> => {
    const [{ s3 }, where] = await Promise.all([clients(), bucket()]);
    return ask(s3, where).catch((error: unknown) => {
      throw dictFailure(error, { service: "Amazon S3", action: `s3:${action}`, resource: `s3://${where}/dict/` }, environment);
    });
  };
  const table: DataTable = {
    get: (key) => onTable("GetItem", (to) => to.get(key)),
    getMany: (keys, attributes) => onTable("BatchGetItem", (to) => to.getMany(keys, attributes)),
    replace: (row, condition) => onTable("PutItem", (to) => to.replace(row, condition)),
    set: (key, values, where) => onTable("UpdateItem", (to) => to.set(key, values, where)),
    remove: (key) => onTable("DeleteItem", (to) => to.remove(key)),
    exchange: (gone, row) => onTable("DeleteItem", (to) => to.exchange(gone, row)),
    writeMany: (rows, gone) => onTable("BatchWriteItem", (to) => to.writeMany(rows, gone)),
    page: (pk, params) => onTable("Query", (to) => to.page(pk, params)),
    indexPage: (params) => onTable("Query", (to) => to.indexPage(params)),
    destroy: () => {},
  };
  const objects: ValueObjects = {
    put: (key, bytes) => onBucket("PutObject", (s3, where) => s3.put(where, key, bytes)),
    find: (key) => onBucket("GetObject", (s3, where) => s3.find(where, key)),
    remove: (keys) => onBucket("DeleteObject", (s3, where) => s3.remove(where, keys)),
  };
  return createAwsDict({ environment, table, objects, createdBy });
}
