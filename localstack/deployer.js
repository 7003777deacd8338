// @ts-check
import { readFile } from "node:fs/promises";

/** The IAM user in whose name tests deploy and call. */
export const DEPLOYER = "tenon-deployer";
const POLICY = new URL("deployer-policy.json", import.meta.url);

/**
 * @typedef {object} Credentials
 * @property {string} accessKeyId
 * @property {string} secretAccessKey
 * @property {string} [sessionToken]
 */

/**
 * Makes the user with the policy of `deployer-policy.json` and a key of its own.
 *
 * @param {{ endpoint: string, region: string, credentials: Credentials }} account The account, and who may make users in it.
 * @returns {Promise<Credentials>}
 */
export async function createDeployer(account) {
  const { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } = await import("@aws-sdk/client-iam");
  const iam = new IAMClient(account);
  try {
    await iam.send(new CreateUserCommand({ UserName: DEPLOYER }));
    const PolicyDocument = await readFile(POLICY, "utf8");
    await iam.send(new PutUserPolicyCommand({ UserName: DEPLOYER, PolicyName: DEPLOYER, PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: DEPLOYER }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  } finally {
    iam.destroy();
  }
}
