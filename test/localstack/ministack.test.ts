import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { clientOptions, createFunction, createTable, invoke } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { testAccess } from "./access-suite.ts";
import { testAccount } from "./account-suite.ts";
import { testShape } from "./shape-suite.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack" });

testAccount(aws);
testAccess(aws);
testShape(aws);

describeAws(aws)("a MiniStack", () => {
  const rootDynamo = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));

  test("gives a Lambda's role another key in each account, though function and role have the same names", async () => {
    const keyOf = async () => {
      await createFunction(aws.account, "tenon-test-same", "export const handler = async () => process.env.AWS_SECRET_ACCESS_KEY;");
      return (await invoke(aws.account, "tenon-test-same")).value;
    };
    const before = await keyOf();
    await aws.account.reset();
    expect(await keyOf()).not.toBe(before);
  });

  test("is empty after a reset, with a deployer anew", async () => {
    await createTable(aws.account, "tenon-test-reset");
    expect((await rootDynamo.send(new ListTablesCommand({}))).TableNames).toContain("tenon-test-reset");
    const before = aws.account.credentials.accessKeyId;
    await aws.account.reset();
    expect((await rootDynamo.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect(aws.account.credentials.accessKeyId).not.toBe(before);
    const { Arn } = await new STSClient(clientOptions(aws.account)).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe("arn:aws:iam::000000000000:user/tenon-deployer");
  });
});
