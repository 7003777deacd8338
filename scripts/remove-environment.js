// Removes an environment, with its data, that was made for one run of tests. Not for any other.
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
import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

const WAIT = { maxWaitTime: 900, minDelay: 0.5, maxDelay: 5 };

/** Deletes the stacks, then the tables, the bucket and the logs that they leave. Returns what it has deleted. */
export async function removeEnvironment(environment, account, region) {
  return [
    ...(await removeStacks(environment, region)),
    ...(await removeTables(environment, region)),
    ...(await removeBucket(`tenon-${environment}-${account}-${region}`, region)),
    ...(await removeLogs(`/tenon/${environment}/`, region)),
  ];
}

async function removeStacks(environment, region) {
  const client = new CloudFormationClient({ region });
  const found = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) found.push(...Stacks.map(({ StackName }) => StackName));
  const shared = `tenon-${environment}`;
  // The stack that all Apps share goes last.
  const names = [...found.filter((name) => name.startsWith(`${shared}-`)), ...found.filter((name) => name === shared)];
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

async function removeTables(environment, region) {
  const client = new DynamoDBClient({ region });
  const found = [];
  for await (const { TableNames = [] } of paginateListTables({ client }, {})) found.push(...TableNames);
  const names = found.filter((name) => name.startsWith(`tenon-${environment}-`));
  for (const TableName of names) {
    await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await waitUntilTableExists({ client, ...WAIT }, { TableName });
    await client.send(new DeleteTableCommand({ TableName }));
    await waitUntilTableNotExists({ client, ...WAIT }, { TableName });
  }
  client.destroy();
  return names.map((name) => `table ${name}`);
}

async function removeBucket(Bucket, region) {
  const client = new S3Client({ region, ...(process.env.AWS_ENDPOINT_URL && { forcePathStyle: true }) });
  try {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      if (Contents.length === 0) break;
      await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } }));
    }
    await client.send(new DeleteBucketCommand({ Bucket }));
    return [`bucket ${Bucket}`];
  } catch (error) {
    if (error.name !== "NoSuchBucket") throw error;
    return [];
  } finally {
    client.destroy();
  }
}
