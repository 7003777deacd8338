import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { GetRolePolicyCommand, IAMClient, ListRolesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Client } from "tenon";
import { FunctionTimeoutError, InputCancelledError, InternalFailure, ProcessExitError, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { functionName, inputQueue } from "../../src/model/aws-names.ts";
import { durableCallId } from "../../src/model/call-ids.ts";
import { encodeDelivery } from "../../src/wire/delivery.ts";
import type * as Queued from "../fixtures/queued-app.ts";
import { clientOptions, invoke } from "../helpers/account.ts";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import type { PolicyStatement } from "../helpers/policy.ts";
import { makeSharedFolder } from "../helpers/shared-folder.ts";

const aws = await emulatedAws();

/** Well below what a message takes to come back: the 12 s that its Lambda may take, and 30 more. */
const PROMPT = { timeoutMs: 25_000 };

describeAws(aws)("a Function that a queue feeds", { timeout: 90_000 }, () => {
  let client: Client;
  let sqs: SQSClient;
  let folder: string;
  const fn = <T extends (...args: never[]) => Promise<unknown>>(name: string): RemoteFunction<T> =>
    RemoteFunction.fromName<T>("queued", name, { client }) as unknown as RemoteFunction<T>;
  const urlOf = async (name: string, maxContainers = 1): Promise<string> => {
    const QueueName = inputQueue("test", "queued", { name, kind: "function", maxContainers });
    return (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl!;
  };
  /** Messages of a queue: those that wait, and those that somebody works on or that were not done with. */
  const left = async (name: string, maxContainers = 1): Promise<readonly (string | undefined)[]> => {
    const QueueUrl = await urlOf(name, maxContainers);
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    return [Attributes?.["ApproximateNumberOfMessages"], Attributes?.["ApproximateNumberOfMessagesNotVisible"]];
  };
  /** What the role of the App's Functions may not do any more. */
  const take = async (...actions: readonly string[]): Promise<void> => {
    const iam = new IAMClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Roles = [] } = await iam.send(new ListRolesCommand({}));
    const RoleName = Roles.find((role) => role.RoleName!.startsWith("tenon-test-queued-AppRole"))!.RoleName;
    const role = { RoleName, PolicyName: "tenon" };
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand(role));
    const document = JSON.parse(decodeURIComponent(PolicyDocument!)) as { Statement: (PolicyStatement & { Action: string[] })[] };
    const Statement = document.Statement.map((each) => ({ ...each, Action: each.Action.filter((action) => !actions.includes(action)) }));
    expect(Statement).not.toEqual(document.Statement);
    const kept = { ...document, Statement: Statement.filter(({ Action }) => Action.length > 0) };
    await iam.send(new PutRolePolicyCommand({ ...role, PolicyDocument: JSON.stringify(kept) }));
    iam.destroy();
  };

  beforeAll(async () => {
    folder = makeSharedFolder();
    await deployOnAccount(aws.account, "test", join(import.meta.dirname, "../fixtures/queued-app.ts"));
    actOn(aws.account);
    client = clientOf(aws.account);
    sqs = new SQSClient(clientOptions(aws.account, aws.account.rootCredentials));
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    sqs?.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is retried through its queue", async () => {
    expect(await (await fn<typeof Queued.flaky.local>("flaky").spawn()).get(PROMPT)).toBe(3);
    await expect.poll(() => left("flaky", 2)).toEqual(["0", "0"]);
  });

  it("gets what no message can hold as it is", async () => {
    const value = { text: "\ufffe \uffff \u0001 \ud800 \u{1f600}", bytes: Buffer.from([0, 255]) };
    expect(await (await fn<typeof Queued.echo.local>("echo").spawn(value)).get(PROMPT)).toEqual(value);
  });

  it("is fed by another Function of its App", async () => {
    expect(await fn<typeof Queued.outer.local>("outer").remote("nested")).toBe("nested");
  });

  it("whose body blocks times out, and the next call does not wait for the message to come back", async () => {
    const block = fn<typeof Queued.block.local>("block");
    const [blocked, next] = [await block.spawn(true), await block.spawn(false)];
    await expect(blocked.get(PROMPT)).rejects.toThrow(FunctionTimeoutError);
    expect(await next.get(PROMPT)).toBe("done");
    await expect.poll(() => left("block")).toEqual(["0", "0"]);
  });

  it("whose body ends its process fails with the exit code or is retried, and the next call does not wait", async () => {
    const exit = fn<typeof Queued.exit.local>("exit");
    const [always, zero, once, never] = [await exit.spawn(3), await exit.spawn(0), await exit.spawn(4, true), await exit.spawn(null)];
    await expect(always.get(PROMPT)).rejects.toMatchObject({ name: ProcessExitError.name, exitCode: 3 });
    await expect(zero.get(PROMPT)).rejects.toMatchObject({ name: ProcessExitError.name, exitCode: 0 });
    expect(await once.get(PROMPT)).toBe(2);
    expect(await never.get(PROMPT)).toBe(1);
    await expect.poll(() => left("exit")).toEqual(["0", "0"]);
  });

  it.each(["ending", "endingToo"])("whose module ends the process fails each call with the exit code: %s", async (name) => {
    const ending = fn<() => Promise<never>>(name);
    for (const call of [await ending.spawn(), await ending.spawn()])
      await expect(call.get(PROMPT)).rejects.toMatchObject({ name: ProcessExitError.name, exitCode: 9 });
  });

  it("runs a call once whose message comes twice, and is done with both", async () => {
    const file = join(folder, "noted");
    const call = await fn<typeof Queued.note.local>("note").spawn(file);
    const MessageBody = encodeDelivery({ callId: call.functionCallId, fn: "note", delivery: 1 });
    for (const MessageDeduplicationId of ["second", "third"])
      await sqs.send(
        new SendMessageCommand({ QueueUrl: await urlOf("note"), MessageBody, MessageGroupId: "inputs", MessageDeduplicationId }),
      );
    expect(await call.get(PROMPT)).toBe("noted");
    await expect.poll(() => left("note"), { timeout: 10_000 }).toEqual(["0", "0"]);
    expect(readFileSync(file, "utf8")).toBe("ran\n");
  });

  it("is done with a message that it can't read", async () => {
    const MessageBody = '{"durable":99,"callId":"fc-x"}';
    await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf("note"), MessageBody, MessageGroupId: "inputs", MessageDeduplicationId: "odd" })); // prettier-ignore
    await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf("note"), MessageBody: "{", MessageGroupId: "inputs", MessageDeduplicationId: "odder" })); // prettier-ignore
    await expect.poll(() => left("note"), { timeout: 10_000 }).toEqual(["0", "0"]);
  });

  it("ends a cancelled call that waits without waiting for the one that runs", async () => {
    const slow = fn<typeof Queued.slow.local>("slow");
    const running = await slow.spawn(5_000);
    const waiting = await slow.spawn(0);
    await expect.poll(() => left("slow")).toEqual(["1", "1"]);
    await waiting.cancel();
    await expect(waiting.get(PROMPT)).rejects.toThrow(InputCancelledError);
    await expect(running.get({ timeoutMs: 0 })).rejects.toThrow(/no output after 0 ms/);
    expect(await running.get(PROMPT)).toBe("done");
  });

  it("that may not write its rows ends its calls as InternalFailure, with the reason", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    await take("dynamodb:PutItem");
    const call = await fn<typeof Queued.note.local>("note").spawn(join(folder, "denied"));
    const error = await call.get({ timeoutMs: 60_000 }).catch((thrown: unknown) => thrown as Error);
    expect(error).toBeInstanceOf(InternalFailure);
    expect((error as Error).message).toContain("dynamodb:PutItem");
    expect(await left("note")).toEqual(["0", "0"]);
  });

  it("that may tell nobody fails, so that its message comes back", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    await take("sqs:SendMessage");
    const body = encodeDelivery({ callId: durableCallId("test", { app: "queued", name: "note" }, "unknown"), fn: "note", delivery: 1 });
    const { error } = await invoke(aws.account, functionName("test", "queued", "note"), { Records: [{ body }] });
    expect(error).toBe("Unhandled");
  });
});
