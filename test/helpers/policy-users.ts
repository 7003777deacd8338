import { setTimeout as pause } from "node:timers/promises";
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreatePolicyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, vi } from "vitest";
import type { Emulator } from "../../localstack/start.js";
import type { AccountUnderTest } from "./account-under-test.ts";

/** IAM is eventually consistent: a key that is known everywhere may have a policy that is not. */
const SETTLE_MS = 15_000;

/**
 * Makes users of an account under test, `tenon-<environment>-policy-<name>` with a managed policy of that name (one in a user
 * may have 2,048 characters), and waits until their keys are known. `scripts/remove-environment.js` removes both.
 */
export async function createPolicyUsers(
  account: AccountUnderTest,
  documents: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, Emulator["credentials"]>>> {
  const iam = new IAMClient(account.options);
  const Tags = [{ Key: "tenon:environment", Value: account.environment }];
  const users: Record<string, Emulator["credentials"]> = {};
  for (const [name, PolicyDocument] of Object.entries(documents)) {
    const UserName = `tenon-${account.environment}-policy-${name}`;
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: UserName, PolicyDocument, Tags }));
    await iam.send(new CreateUserCommand({ UserName, Tags }));
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: Policy!.Arn }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    users[name] = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  }
  iam.destroy();
  for (const credentials of Object.values(users)) await untilKnown(account, credentials);
  if (account.kind === "aws") await pause(SETTLE_MS);
  return users;
}

// --- Internal helpers ---

async function untilKnown(account: AccountUnderTest, credentials: Emulator["credentials"]): Promise<void> {
  const sts = new STSClient({ ...account.options, credentials: { ...credentials } });
  const who = async (): Promise<string | undefined> => (await sts.send(new GetCallerIdentityCommand({}))).Arn;
  await vi.waitFor(async () => expect(await who()).toContain(account.environment), { timeout: account.within(5_000), interval: 500 });
  sts.destroy();
}
