import { destroyStack, findEnvironment, openEnvironmentData, refuseInUse } from "../../../deploy/index.ts";
import { blobBucket, checkAwsEnvironment, dataTable, environmentStack } from "../../../model/aws-names.ts";
import { ExecutionError, NotFoundError } from "../../../model/errors.ts";
import { type Account, refuseLocal, withAccount } from "../../apps/account.ts";
import { confirm, declined } from "../../apps/confirm.ts";
import type { CommandBody, CommandContext } from "../../kit/command.ts";
import { commandText } from "../../kit/command-text.ts";
import { writeResult } from "../../render/results.ts";
import type { spec } from "./destroy.ts";

/** `tenon env destroy`. */
export const run: CommandBody<typeof spec> = async (context, _args, flags) => {
  refuseLocal(context, flags);
  const { environment } = context.globals;
  checkAwsEnvironment(environment);
  return withAccount(context, async (account) => {
    const stack = environmentStack(environment);
    const [found, deployed, data] = await Promise.all([
      findEnvironment(account.api, environment),
      account.api.stack(stack),
      openData(environment, account),
    ]);
    try {
      if (found !== undefined) refuseInUse(found);
      const job: Job = { context, account, data, qualifier: flags.qualifier, stack: deployed === undefined ? undefined : stack };
      return await (flags.deleteData ? destroyAll(job, flags.yes) : destroyButData(job, flags.yes));
    } finally {
      data.api.destroy();
    }
  });
};

// --- Internal helpers ---

/** What outlives the stack of an environment. */
interface Data {
  readonly api: Awaited<ReturnType<typeof openEnvironmentData>>;
  readonly table: string;
  readonly bucket: string;
}

interface Job {
  readonly context: CommandContext;
  readonly account: Account;
  readonly data: Data;
  /** Of the CDK's bootstrap. */
  readonly qualifier: string | undefined;
  /** The stack's name; `undefined` when it is not there. */
  readonly stack: string | undefined;
}

async function openData(environment: string, of: Account): Promise<Data> {
  const [api, { account, region }] = await Promise.all([openEnvironmentData(), of.place()]);
  if (account === undefined || region === undefined)
    throw new ExecutionError("AWS does not say which account and region this is, and the name of the bucket depends on them.", {
      hint: "Check the network and the credentials with aws sts get-caller-identity.",
    });
  return { api, table: dataTable(environment), bucket: blobBucket(environment, account, region) };
}

async function destroyButData(job: Job, yes: boolean): Promise<number | void> {
  const { context, account, data, stack } = job;
  const { io, globals } = context;
  const { environment } = globals;
  const text = (command: string, words: readonly string[] = []): string =>
    commandText(context, { command, backend: "aws", usual: "aws", words });
  if (stack === undefined)
    throw notDeployed(environment, (await account.api.hasTable(data.table)) ? text("env destroy", ["--delete-data"]) : undefined);
  const agreed = await confirm(context, yes, async () => ({
    act: `destroy ${await account.where()}`,
    effect: "Its durable calls are lost. Dicts and other data stay.",
    hint: "Add --yes to destroy it without a question.",
  }));
  if (!agreed) return declined(context, "Not destroyed.");
  await destroyTheStack(job, stack);
  const kept = [`the table ${data.table}`, `the bucket ${data.bucket}`];
  if (globals.json) return writeResult(context, { environment, stack, state: "destroyed", kept });
  io.out.write(`destroyed environment ${environment}\n${kept.map((each) => `  kept: ${each}\n`).join("")}`);
  io.out.write(
    `  to use them again: ${text("env deploy")}\n  to delete them, with an administrator's rights: ${text("env destroy", ["--delete-data"])}\n`,
  );
  return undefined;
}

async function destroyAll(job: Job, yes: boolean): Promise<number | void> {
  const { context, account, data, stack } = job;
  const { io, globals } = context;
  const { environment } = globals;
  const { table, bucket, api } = data;
  if (stack === undefined && !(await account.api.hasTable(table)) && !(await api.hasBucket(bucket))) throw notDeployed(environment);
  const agreed = await confirm(context, yes, async () => ({
    act: `destroy ${await account.where()} and all of its data`,
    effect: `Lost for good are its durable calls, the table ${table} with every Dict, and the bucket ${bucket} with every stored value.`,
    hint: "Add --yes to delete all of it without a question.",
  }));
  if (!agreed) return declined(context, "Not destroyed.");
  // First what a caller may lack the rights for: then nothing is destroyed by half.
  await api.unprotectTable(table);
  if (stack !== undefined) await destroyTheStack(job, stack);
  await api.deleteTable(table);
  await api.deleteBucket(bucket);
  const deleted = [`the table ${table}`, `the bucket ${bucket}`];
  if (globals.json) return writeResult(context, { environment, stack: stack ?? null, state: "destroyed", deleted });
  io.out.write(`destroyed environment ${environment}\n${deleted.map((each) => `  deleted: ${each}\n`).join("")}`);
  return undefined;
}

async function destroyTheStack({ context, account, qualifier }: Job, stack: string): Promise<void> {
  const { synthEnvironment } = await import("../../../synth/index.ts");
  const { dir } = synthEnvironment(context.globals.environment, { outputDir: account.folder(), qualifier });
  await account.working(stack, (onStart) => destroyStack(account.api, { dir, stack, onEvent: account.onEvent, onStart }));
}

/** `deleteData`: the command that deletes what an earlier environment of the name has left. */
function notDeployed(environment: string, deleteData?: string): NotFoundError {
  const left = deleteData === undefined ? "" : " Its data is still there.";
  return new NotFoundError(`Environment "${environment}" is not deployed: there is no stack ${environmentStack(environment)}.${left}`, {
    hint:
      deleteData === undefined
        ? "Run tenon env list to see the environments of this account and region."
        : `Run ${deleteData} with an administrator's rights to delete its data.`,
  });
}
