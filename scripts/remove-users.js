// Removes users, with the keys and managed policies of the same names, that were made for one run of tests. Not for any other.
import {
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  paginateListPolicies,
  paginateListUsers,
} from "@aws-sdk/client-iam";

/** Deletes users whose names begin so, then the policies. An interrupted run may have made only one of the two. Returns what it has deleted. */
export async function removeUsers(prefix, region) {
  const client = new IAMClient({ region });
  const removed = [];
  for (const UserName of await usersOf(client, prefix)) {
    const { AccessKeyMetadata = [] } = await client.send(new ListAccessKeysCommand({ UserName }));
    for (const { AccessKeyId } of AccessKeyMetadata) await client.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    const { AttachedPolicies = [] } = await client.send(new ListAttachedUserPoliciesCommand({ UserName }));
    for (const { PolicyArn } of AttachedPolicies) await client.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
    await client.send(new DeleteUserCommand({ UserName }));
    removed.push(`user ${UserName}`);
  }
  for (const { Arn, PolicyName } of await policiesOf(client, prefix)) {
    await client.send(new DeletePolicyCommand({ PolicyArn: Arn }));
    removed.push(`policy ${PolicyName}`);
  }
  client.destroy();
  return removed;
}

async function usersOf(client, prefix) {
  const found = [];
  for await (const { Users = [] } of paginateListUsers({ client }, {})) found.push(...Users.map(({ UserName }) => UserName));
  return found.filter((name) => name.startsWith(prefix));
}

async function policiesOf(client, prefix) {
  const found = [];
  for await (const { Policies = [] } of paginateListPolicies({ client }, { Scope: "Local" })) found.push(...Policies);
  return found.filter(({ PolicyName }) => PolicyName.startsWith(prefix));
}
