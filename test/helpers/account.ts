import { BillingMode, CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import type { CreateFunctionCommandInput } from "@aws-sdk/client-lambda";
import type { Emulator } from "../../localstack/start.js";
import { zip } from "../../src/testing/zip.ts";

type Credentials = Emulator["credentials"];

/** What an SDK client of the account needs; one attempt, so that a test sees what was answered. */
export function clientOptions(account: Emulator, credentials: Credentials = account.credentials) {
  return { endpoint: account.endpoint, region: account.region, credentials: { ...credentials }, maxAttempts: 1 };
}

/** Makes a role that Lambda may take, with the statements as its policy; returns its ARN. */
export async function createRole(account: Emulator, name: string, statements: readonly object[] = []): Promise<string> {
  const iam = new IAMClient(clientOptions(account, account.rootCredentials));
  const Version = "2012-10-17";
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: JSON.stringify({ Version, Statement: [trust] }) }));
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version, Statement: statements });
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument }));
  }
  iam.destroy();
  return `arn:aws:iam::${account.accountId}:role/${name}`;
}

/** Makes a user with the statements as its policy; returns a key of its own. */
export async function createUser(account: Emulator, UserName: string, statements: readonly object[] = []): Promise<Credentials> {
  const iam = new IAMClient(clientOptions(account, account.rootCredentials));
  await iam.send(new CreateUserCommand({ UserName }));
  if (statements.length > 0) {
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statements });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: UserName, PolicyDocument }));
  }
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  iam.destroy();
  return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

/** Makes a table with the keys that Tenon's have, on demand unless the options say otherwise. */
export async function createTable(account: Emulator, TableName: string, options: Partial<CreateTableCommandInput> = {}): Promise<void> {
  const dynamo = new DynamoDBClient(clientOptions(account, account.rootCredentials));
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: BillingMode.PAY_PER_REQUEST,
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      ...options,
    }),
  );
  dynamo.destroy();
}

/** Makes a Lambda of one module that exports `handler`; its role has no permissions unless one is given. */
export async function createFunction(
  account: Emulator,
  name: string,
  source: string,
  options: Partial<CreateFunctionCommandInput> = {},
): Promise<void> {
  const lambda = new LambdaClient(clientOptions(account, account.rootCredentials));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Role: options.Role ?? (await createRole(account, `${name}-role`)),
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Timeout: 20,
      Code: { ZipFile: zip({ "index.mjs": source }) },
      ...options,
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 0.05 }, { FunctionName: name });
  lambda.destroy();
}

/** Calls a Lambda, by default in the deployer's name. */
export async function invoke(
  account: Emulator,
  name: string,
  event: unknown = {},
  credentials: Credentials = account.credentials,
): Promise<{ value: any; error: string | undefined }> {
  const lambda = new LambdaClient(clientOptions(account, credentials));
  const answer = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
  lambda.destroy();
  return { value: JSON.parse(answer.Payload?.transformToString() ?? "null"), error: answer.FunctionError };
}
