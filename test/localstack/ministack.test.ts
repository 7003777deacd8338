import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { clientOptions } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { testAccess } from "./access-suite.ts";
import { TABLE, testAccount } from "./account-suite.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack" });

testAccount(aws);
testAccess(aws);

describeAws(aws)("a MiniStack", () => {
  const rootDynamo = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));

  test("is empty after a reset, with a deployer anew", async () => {
    expect((await rootDynamo.send(new ListTablesCommand({}))).TableNames).toContain(TABLE);
    const before = aws.account.credentials.accessKeyId;
    await aws.account.reset();
    expect((await rootDynamo.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect(aws.account.credentials.accessKeyId).not.toBe(before);
    const { Arn } = await new STSClient(clientOptions(aws.account)).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe("arn:aws:iam::000000000000:user/tenon-deployer");
  });
});
