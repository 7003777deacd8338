import {
  BatchGetItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateEventSourceMappingCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import { clientOptions, createFunction, createRole, createTable, createUser, invoke } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack" });
const TABLE = "tenon-test-calls";
const key = { pk: { S: "in#app#fn" }, sk: { S: "fc-1" } };

const FunctionName = "tenon-test-guarded";
const FUNCTION = `arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`;
const UUID = "5d1c3b3e-2c0a-4d4e-9a52-0f3b1c6d7e8f";
/**
 * What Tenon and its tests ask of Lambda: each request, and the action and the resource that it takes.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
const OF_LAMBDA = [
  [() => new InvokeCommand({ FunctionName }), "InvokeFunction", FUNCTION],
  [() => new InvokeWithResponseStreamCommand({ FunctionName }), "InvokeFunction", FUNCTION],
  [() => new GetFunctionConcurrencyCommand({ FunctionName }), "GetFunctionConcurrency", FUNCTION],
  [() => new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }), "PutFunctionConcurrency", FUNCTION],
  [() => new DeleteFunctionConcurrencyCommand({ FunctionName }), "DeleteFunctionConcurrency", FUNCTION],
  [() => new GetFunctionCommand({ FunctionName }), "GetFunction", FUNCTION],
  [() => new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 }), "PutFunctionEventInvokeConfig", FUNCTION],
  [() => new ListEventSourceMappingsCommand({ FunctionName }), "ListEventSourceMappings", "*"],
  [() => new CreateEventSourceMappingCommand({ FunctionName }), "CreateEventSourceMapping", "*"],
  [
    () => new UpdateEventSourceMappingCommand({ UUID, Enabled: false }),
    "UpdateEventSourceMapping",
    `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${UUID}`,
  ],
  [() => new GetAccountSettingsCommand({}), "GetAccountSettings", "*"],
] as const;

/** A Lambda that writes a row by the real client; it answers with what went wrong. */
async function writerSource(): Promise<string> {
  const bundle = await build({
    stdin: {
      contents: `
        import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
        const dynamo = new DynamoDBClient({});
        export async function handler({ table }) {
          const Item = { pk: { S: "out#app#fn" }, sk: { S: "fc-1" } };
          return dynamo.send(new PutItemCommand({ TableName: table, Item })).then(() => "written", (error) => error.name + ": " + error.message);
        }`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    minify: true,
    write: false,
    platform: "node",
    format: "esm",
    banner: { js: `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);` },
  });
  return bundle.outputFiles[0]!.text;
}

describeAws(aws)("IAM of an emulated account", () => {
  const dynamo = new DynamoDBClient(clientOptions(aws.account));

  beforeAll(() => createTable(aws.account, TABLE));

  test("names who calls: the deployer, or root", async () => {
    const arnOf = async (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      (await new STSClient(clientOptions(aws.account, credentials)).send(new GetCallerIdentityCommand({}))).Arn;
    expect(await arnOf(aws.account.credentials)).toBe("arn:aws:iam::000000000000:user/tenon-deployer");
    expect(await arnOf(aws.account.rootCredentials)).toBe("arn:aws:iam::000000000000:root");
  });

  test("denies what a user's policy does not allow", async () => {
    const nobody = await createUser(aws.account, "nobody");
    const denied = expect.objectContaining({ name: "AccessDeniedException" });
    const get = new GetItemCommand({ TableName: TABLE, Key: key });
    await expect(new DynamoDBClient(clientOptions(aws.account, nobody)).send(get)).rejects.toThrow(denied);

    await createTable(aws.account, "somebody-elses");
    await expect(dynamo.send(new GetItemCommand({ TableName: "somebody-elses", Key: key }))).rejects.toThrow(denied);
    await expect(dynamo.send(new DeleteTableCommand({ TableName: TABLE }))).rejects.toThrow(denied);
  });

  test("denies each request to Lambda by its own action, and grants it by that alone", async () => {
    await createFunction(aws.account, FunctionName, "export const handler = async () => 1;");
    const clientOf = async (user: string, statements?: readonly object[]) =>
      new LambdaClient(clientOptions(aws.account, await createUser(aws.account, user, statements)));
    /** The error of a request, such as one for a function that is not there; none where it was answered. */
    const refused = (client: LambdaClient, command: (typeof OF_LAMBDA)[number][0]): Promise<Error | undefined> =>
      client.send(command() as InvokeCommand).then(
        () => undefined,
        (error: Error) => error,
      );
    const stranger = await clientOf("lambda-stranger");
    const seen: string[] = [];
    for (const [command, action, Resource] of OF_LAMBDA) {
      const denied = await refused(stranger, command);
      const named = / is not authorized to perform: (\S+)/.exec(denied?.message ?? "")?.[1];
      const name = command().constructor.name;
      const client = await clientOf(`may-${name}`, [{ Effect: "Allow", Action: `lambda:${action}`, Resource }]);
      const granted = (await refused(client, command))?.name === "AccessDeniedException" ? "denied" : "granted";
      seen.push(`${name}: ${named}, ${granted}`);
    }
    expect(seen).toEqual(OF_LAMBDA.map(([command, action]) => `${command().constructor.name}: lambda:${action}, granted`));
  });

  test("grants rows by the prefix of their partition key, and refuses requests that name none", async () => {
    const grant = {
      Effect: "Allow",
      Action: ["GetItem", "PutItem", "UpdateItem", "Query", "Scan", "BatchGetItem", "ConditionCheckItem"].map((name) => `dynamodb:${name}`),
      Resource: `arn:aws:dynamodb:*:*:table/${TABLE}`,
      Condition: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["out#app#*"] }, Null: { "dynamodb:LeadingKeys": "false" } },
    };
    const tenant = new DynamoDBClient(clientOptions(aws.account, await createUser(aws.account, "tenant", [grant])));

    const row = (app: string) => ({ pk: { S: `out#${app}#fn` }, sk: { S: "fc-9" } });
    const put = (app: string) => ({ Put: { TableName: TABLE, Item: row(app) } });
    const check = (app: string) => ({ ConditionCheck: { TableName: TABLE, Key: row(app), ConditionExpression: "attribute_exists(pk)" } });
    const query = (app: string) => ({
      TableName: TABLE,
      KeyConditionExpression: "#p = :p",
      ExpressionAttributeNames: { "#p": "pk" },
      ExpressionAttributeValues: { ":p": row(app).pk },
    });
    const requests = (app: string) => ({
      put: tenant.send(new PutItemCommand({ TableName: TABLE, Item: row(app) })),
      get: tenant.send(new GetItemCommand({ TableName: TABLE, Key: row(app) })),
      query: tenant.send(new QueryCommand(query(app))),
      batch: tenant.send(
        new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: app === "app" ? [row(app)] : [row("app"), row(app)] } } }),
      ),
      transaction: tenant.send(new TransactWriteItemsCommand({ TransactItems: [{ ...put("app") }, ...(app === "app" ? [] : [put(app)])] })),
    });
    await tenant.send(new PutItemCommand({ TableName: TABLE, Item: row("app") }));
    for (const [name, request] of Object.entries(requests("app"))) await expect(request, name).resolves.toBeDefined();
    const denied = expect.objectContaining({ name: "AccessDeniedException" });
    // "apple" begins as "app" does: the delimiter in the policy keeps it out.
    const others = await Promise.allSettled(Object.values(requests("apple")));
    expect(others.map((settled) => settled.status === "rejected" && settled.reason)).toEqual(others.map(() => denied));
    await expect(tenant.send(new ScanCommand({ TableName: TABLE }))).rejects.toThrow(denied);
    await tenant.send(new TransactWriteItemsCommand({ TransactItems: [check("app")] }));
    await expect(tenant.send(new TransactWriteItemsCommand({ TransactItems: [check("apple")] }))).rejects.toThrow(denied);
  });

  test("lets the deployer take the roles of CDK's bootstrap, and no other", async () => {
    const iam = new IAMClient(clientOptions(aws.account, aws.account.rootCredentials));
    const Principal = { AWS: "arn:aws:iam::000000000000:root" };
    const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }] };
    const sts = new STSClient(clientOptions(aws.account));
    const assume = async (RoleName: string) => {
      await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
      const RoleArn = `arn:aws:iam::000000000000:role/${RoleName}`;
      return sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }));
    };
    expect((await assume("cdk-hnb659fds-deploy-role-000000000000-us-east-1")).Credentials).toBeDefined();
    await expect(assume("administrator")).rejects.toThrow(/not authorized to perform: sts:AssumeRole/);
  });

  test("denies a wrong signature", async () => {
    const forged = { ...aws.account.credentials, secretAccessKey: "guessed" };
    const get = new GetItemCommand({ TableName: TABLE, Key: key });
    await expect(new DynamoDBClient(clientOptions(aws.account, forged)).send(get)).rejects.toThrow(/signature/);
  });

  test("denies a Lambda what its role does not allow", async () => {
    const source = await writerSource();
    const Resource = `arn:aws:dynamodb:us-east-1:000000000000:table/${TABLE}`;
    const may = await createRole(aws.account, "may-write", [{ Effect: "Allow", Action: "dynamodb:PutItem", Resource }]);
    const mayNot = await createRole(aws.account, "may-read", [{ Effect: "Allow", Action: "dynamodb:GetItem", Resource }]);
    await createFunction(aws.account, "tenon-test-may", source, { Role: may });
    await createFunction(aws.account, "tenon-test-may-not", source, { Role: mayNot });
    expect((await invoke(aws.account, "tenon-test-may", { table: TABLE })).value).toBe("written");
    expect((await invoke(aws.account, "tenon-test-may-not", { table: TABLE })).value).toMatch(
      /^AccessDeniedException: .*assumed-role\/may-read.* is not authorized to perform: dynamodb:PutItem/,
    );
  });
});
