import { destroyStack, findEnvironment, refuseInUse } from "../../../deploy/index.ts";
import { NotFoundError } from "../../../model/errors.ts";
import { confirm, declined, withAccount } from "../../apps/account.ts";
import type { CommandContext } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";

/** `tenon env destroy`. */
export async function run(
  context: CommandContext,
  _args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): Promise<number | void> {
  const { io, globals } = context;
  const { environment } = globals;
  const { blobBucket, checkAwsEnvironment, dataTable, environmentStack } = await import("../../../model/aws-names.ts");
  const stack = environmentStack(checkAwsEnvironment(environment));
  return withAccount(context, async (account) => {
    const { api, onEvent } = account;
    const [found, deployed] = await Promise.all([findEnvironment(api, environment), api.stack(stack)]);
    if (found !== undefined) refuseInUse(found);
    if (deployed === undefined)
      throw new NotFoundError(`Environment "${environment}" is not deployed in this account and region: there is no stack ${stack}.`, {
        hint: "tenon env list shows those that are.",
      });
    const agreed = await confirm(
      context,
      flags,
      `Destroy the environment "${environment}"? Its durable calls are lost; Dicts and other data stay.`,
      {
        what: `nobody is there to confirm that the environment "${environment}" is to be destroyed`,
        hint: "Add --yes to destroy it without being asked.",
      },
    );
    if (!agreed) return declined(context, "Not destroyed.");
    const { synthEnvironment } = await import("../../../synth/index.ts");
    const { dir } = synthEnvironment(environment, { outputDir: account.folder() });
    await account.working(stack, destroyStack(api, { dir, stack, onEvent }));
    const kept = [`the table ${dataTable(environment)}`, `the bucket ${blobBucket(environment, "<account>", "<region>")}`];
    if (globals.json) return writeResult(context, { environment, stack, state: "destroyed", kept });
    io.out.write(`destroyed environment ${environment}\n`);
    for (const each of kept) io.out.write(`  kept: ${each}\n`);
    return undefined;
  });
}
