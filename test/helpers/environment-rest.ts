import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import type { Emulator } from "../../localstack/start.js";
import { clientOptions } from "./account.ts";

/** The tables and buckets that an account has of an environment, by name. */
export async function restOfEnvironment(account: Emulator, environment: string): Promise<readonly string[]> {
  const options = clientOptions(account, account.rootCredentials);
  const [dynamo, s3] = [new DynamoDBClient(options), new S3Client({ ...options, forcePathStyle: true })];
  const [{ TableNames = [] }, { Buckets = [] }] = await Promise.all([
    dynamo.send(new ListTablesCommand({})),
    s3.send(new ListBucketsCommand({})),
  ]);
  dynamo.destroy();
  s3.destroy();
  return [...TableNames, ...Buckets.map(({ Name = "" }) => Name)].filter((name) => name.startsWith(`tenon-${environment}-`)).toSorted();
}
