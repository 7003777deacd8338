import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import type { DeployedOnAws } from "../../../src/adapters/apps/aws.ts";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { createSendTurn, isMissing } from "../../../src/adapters/calls/aws-turns.ts";
import { AWS_SWEEP_EVERY_MS } from "../../../src/adapters/calls/limits.ts";
import { inputQueue } from "../../../src/model/aws-names.ts";
import { describeAws } from "../../helpers/emulator.ts";
import { app, envelopeOf, valueOf } from "./world.ts";
import { aws, errorOf, ran, ref, spawn, startAndDie, sweep, world } from "./aws-calls.ts";

const queueOf = (name: string, maxContainers: number): string => inputQueue("dev", app, { name, kind: "function", maxContainers })!;

describeAws(aws)("a turn of a Function with maxContainers", () => {
  test("goes to its queue: the first, a retry, and one that the sweep finds", async () => {
    const callId = await spawn("flakyInTurn", "in turn", 2);
    expect(world.events).toEqual([]);
    expect(world.messages.map(({ queue }) => queue)).toEqual([queueOf("flakyInTurn", 1)]);
    await world.invoke(world.messages.shift()!.payload);
    await world.dispatcher.handle({ Records: await world.take(2) });
    expect(world.messages.map(({ queue }) => queue)).toEqual([queueOf("flakyInTurn", 1)]);
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(2);

    const forgotten = envelopeOf(["forgotten in turn", 1]);
    await world.rows.insert(ref("flakyInTurn"), forgotten, Date.now() - AWS_SWEEP_EVERY_MS - 1_000);
    await sweep("flakyInTurn");
    expect(world.messages).toHaveLength(1);
    await world.settle();
    expect(world.events).toEqual([]);
    expect(valueOf(await world.calls.get(forgotten.callId, { timeoutMs: 0 }))).toBe(1);
  });

  test("is an event when it only ends a call, which need not wait for those that run", async () => {
    const callId = await spawn("flakyInTurn", "cancelled in turn", 1);
    await world.calls.cancel(callId);
    expect(world.events).toHaveLength(1);
    await world.invoke(world.events.shift()!);
    expect((await world.calls.get(callId, { timeoutMs: 0 })).status).toBe("cancelled");
    expect(await errorOf(callId)).toMatchObject({ name: "InputCancelledError" });
    await world.settle();
    expect(ran.get("cancelled in turn")).toBeUndefined();
  });
});

describeAws(aws)("a message that comes again", () => {
  test("after its lease takes the call from whoever was killed, without the sweep", async () => {
    const callId = await spawn("add", 2, 2);
    const payload = await startAndDie("killed", Date.now() - 1);
    expect(await world.invoke(payload)).toEqual({ ran: false, terminate: false });
    expect(await world.calls.status(callId)).toMatchObject({ state: "pending", attempt: 0 });
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(4);
  });

  test("within it leaves the call to whoever runs it", async () => {
    const callId = await spawn("add", 2, 2);
    const payload = await startAndDie("alive");
    expect(await world.invoke(payload)).toEqual({ ran: false, terminate: false });
    expect(await world.calls.status(callId)).toMatchObject({ state: "running" });
  });
});

describeAws(aws)("a turn whose queue a deploy has taken away", () => {
  const manifestOf = (maxContainers: number | null): DeployedOnAws =>
    ({ manifest: { functions: { moved: { name: "moved", kind: "function", maxContainers } } } }) as unknown as DeployedOnAws;

  test("goes to the one that is there now", async () => {
    const options = { region: aws.account.region, endpoint: aws.account.endpoint };
    const sqs = new SQSClient(options);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queueOf("moved", 1), Attributes: { FifoQueue: "true" } }));
    const clients = createAwsClients(options);
    const asked: boolean[] = [];
    const sendTurn = createSendTurn({
      environment: "dev",
      deployed: async (_app, fresh = false) => {
        asked.push(fresh);
        return manifestOf(fresh ? 1 : 2);
      },
      clients: () => Promise.resolve(clients),
    });
    // Twice the same turn: SQS must not take the second for a repeat of the first.
    for (let i = 0; i < 2; i++) await sendTurn(ref("moved"), { callId: "fc-1", turn: 1 });
    expect(asked).toEqual([false, true, false, true]);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body }) => Body)).toEqual(Array(2).fill('{"durable":1,"callId":"fc-1","fn":"moved","turn":1}'));
    sqs.destroy();
    clients.destroy();
  });

  test("is refused as missing when the Function is gone too", async () => {
    const clients = createAwsClients({ region: aws.account.region, endpoint: aws.account.endpoint });
    const deployed = async (_app: string, fresh = false): Promise<DeployedOnAws> => manifestOf(fresh ? null : 2);
    const sendTurn = createSendTurn({ environment: "dev", deployed, clients: () => Promise.resolve(clients) });
    const error = await sendTurn(ref("moved"), { callId: "fc-1", turn: 1 }).catch((thrown: unknown) => thrown);
    expect(isMissing(error)).toBe(true);
    clients.destroy();
  });
});
