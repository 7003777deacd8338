// Removes the environments, with their data and users, that were made for one run of tests. Not for any other.
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  paginateDescribeStacks,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, DeleteLogGroupCommand, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteTableCommand,
  DynamoDBClient,
  paginateListTables,
  UpdateTableCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { DeleteBucketCommand, DeleteObjectsCommand, ListBucketsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { removeUsers } from "./remove-users.js";

const WAIT = { maxWaitTime: 900, minDelay: 0.5, maxDelay: 5 };

/** What the name of a run is: long and random, so that no name of anything else begins with it. */
export const RUN = /^t[a-z0-9]{11}$/;

/**
 * Deletes what belongs to environments whose names begin with that of a run: the users, the stacks, then the tables, the buckets
 * and the logs that they leave. Returns what it has deleted.
 */
export async function removeEnvironments(run, account, region) {
  if (!RUN.test(run)) throw new RangeError(`"${run}" is not the name of a run of tests.`);
  return [
    // First, so that nobody makes anything any more.
    ...(await removeUsers(`tenon-${run}`, region)),
    ...(await removeStacks(`tenon-${run}`, region)),
    ...(await removeTables(`tenon-${run}`, region)),
    ...(await removeBuckets(`tenon-${run}`, `-${account}-${region}`, region)),
    ...(await removeLogs(`/tenon/${run}`, region)),
  ];
}

async function removeStacks(prefix, region) {
  const client = new CloudFormationClient({ region });
  const found = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) found.push(...Stacks.map(({ StackName }) => StackName));
  const ours = found.filter((name) => name.startsWith(prefix));
  // The stack that all Apps of an environment share goes last; no environment has a dash in its name.
  const shared = (name) => !name.slice(prefix.length).includes("-");
  const names = [...ours.filter((name) => !shared(name)), ...ours.filter(shared)];
  for (const StackName of names) {
    await client.send(new DeleteStackCommand({ StackName }));
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName })).catch(() => ({}));
    if (Stacks.length > 0) await waitUntilStackDeleteComplete({ client, ...WAIT }, { StackName });
  }
  client.destroy();
  return names.map((name) => `stack ${name}`);
}

/** Those that a container has written after its stack was gone. */
async function removeLogs(logGroupNamePrefix, region) {
  const client = new CloudWatchLogsClient({ region });
  const found = [];
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client }, { logGroupNamePrefix }))
    found.push(...logGroups.map((each) => each.logGroupName));
  for (const logGroupName of found) await client.send(new DeleteLogGroupCommand({ logGroupName }));
  client.destroy();
  return found.map((name) => `log ${name}`);
}

async function removeTables(prefix, region) {
  const client = new DynamoDBClient({ region });
  const found = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) found.push(...TableNames);
  const names = found.filter((name) => name.startsWith(prefix));
  for (const TableName of names) {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await waitUntilTableExists({ client, ...WAIT }, { TableName });
    await client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client, ...WAIT }, { TableName });
  }
  client.destroy();
  return names.map((name) => `table ${name}`);
}

async function removeBuckets(prefix, suffix, region) {
  const client = new S3Client({ region, ...(process.env.AWS_ENDPOINT_URL && { forcePathStyle: true }) });
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  const names = Buckets.map(({ Name }) => Name).filter((name) => name.startsWith(prefix) && name.endsWith(suffix));
  for (const Bucket of names) {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      if (Contents.length === 0) break;
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }));
    }
    await client.send(new DeleteBucketCommand({ Bucket }));
  }
  client.destroy();
  return names.map((name) => `bucket ${name}`);
}
