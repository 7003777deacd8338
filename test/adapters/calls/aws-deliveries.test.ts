import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import type { DeployedOnAws } from "../../../src/adapters/apps/aws.ts";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { isAwsFailure } from "../../../src/adapters/aws/failures.ts";
import { createSendDelivery } from "../../../src/adapters/calls/aws-deliveries.ts";
import { AWS_SWEEP_EVERY_MS } from "../../../src/adapters/calls/limits.ts";
import { inputQueue } from "../../../src/model/aws-names.ts";
import { describeAws } from "../../helpers/emulator.ts";
import { app, valueOf } from "./local-backend.ts";
import { aws, errorOf, leave, ran, ref, spawn, startAndDie, sweep, backend } from "./aws-calls.ts";

const queueOf = (name: string, maxContainers: number): string => inputQueue("dev", app, { name, kind: "function", maxContainers })!;

describeAws(aws)("a delivery of a Function with maxContainers", () => {
  test("goes to its queue: the first, a retry, and one that the sweep finds", async () => {
    const callId = await spawn("flakyInTurn", "in turn", 2);
    expect(backend.events).toEqual([]);
    expect(backend.messages.map(({ queue }) => queue)).toEqual([queueOf("flakyInTurn", 1)]);
    await backend.invoke(backend.messages.shift()!.payload);
    await backend.dispatcher.handle({ Records: await backend.take(2) });
    expect(backend.messages.map(({ queue }) => queue)).toEqual([queueOf("flakyInTurn", 1)]);
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(2);

    const forgotten = await leave("flakyInTurn", ["forgotten in turn", 1], Date.now() - AWS_SWEEP_EVERY_MS - 1_000);
    await sweep("flakyInTurn");
    expect(backend.messages).toHaveLength(1);
    await backend.settle();
    expect(backend.events).toEqual([]);
    expect(valueOf(await backend.calls.get(forgotten, { timeoutMs: 0 }))).toBe(1);
  });

  test("is an event when it only ends a call, which need not wait for those that run", async () => {
    const callId = await spawn("flakyInTurn", "cancelled in turn", 1);
    await backend.calls.cancel(callId);
    expect(backend.events).toHaveLength(1);
    await backend.invoke(backend.events.shift()!);
    expect((await backend.calls.get(callId, { timeoutMs: 0 })).status).toBe("cancelled");
    expect(await errorOf(callId)).toMatchObject({ name: "InputCancelledError" });
    await backend.settle();
    expect(ran.get("cancelled in turn")).toBeUndefined();
  });
});

describeAws(aws)("a message that comes again", () => {
  test("after its lease takes the call from whoever was killed, without the sweep", async () => {
    const callId = await spawn("add", 2, 2);
    const payload = await startAndDie("killed", Date.now() - 1);
    expect(await backend.invoke(payload)).toEqual({ ran: false, terminate: false });
    expect(await backend.calls.status(callId)).toMatchObject({ state: "pending", attempt: 0 });
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(4);
  });

  test("within it leaves the call to whoever runs it", async () => {
    const callId = await spawn("add", 2, 2);
    const payload = await startAndDie("alive");
    expect(await backend.invoke(payload)).toEqual({ ran: false, terminate: false });
    expect(await backend.calls.status(callId)).toMatchObject({ state: "running" });
  });
});

describeAws(aws)("a delivery whose queue a deploy has taken away", () => {
  const manifestOf = (maxContainers: number | null): DeployedOnAws =>
    ({ manifest: { functions: { moved: { name: "moved", kind: "function", maxContainers } } } }) as unknown as DeployedOnAws;

  test("goes to the one that is there now", async () => {
    const options = { region: aws.account.region, endpoint: aws.account.endpoint };
    const sqs = new SQSClient(options);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: queueOf("moved", 1), Attributes: { FifoQueue: "true" } }));
    const clients = createAwsClients(options);
    const asked: boolean[] = [];
    const sendDelivery = createSendDelivery({
      environment: "dev",
      deployed: async (_app, fresh = false) => {
        asked.push(fresh);
        return manifestOf(fresh ? 1 : 2);
      },
      clients: () => Promise.resolve(clients),
    });
    // Twice the same delivery: SQS must not take the second for a repeat of the first.
    for (let i = 0; i < 2; i++) await sendDelivery(ref("moved"), { callId: "fc-1", delivery: 1 });
    expect(asked).toEqual([false, true, false, true]);
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages.map(({ Body }) => Body)).toEqual(Array(2).fill('{"durable":1,"callId":"fc-1","fn":"moved","delivery":1}'));
    sqs.destroy();
    clients.destroy();
  });

  test("is refused as missing when the Function is gone too", async () => {
    const clients = createAwsClients({ region: aws.account.region, endpoint: aws.account.endpoint });
    const deployed = async (_app: string, fresh = false): Promise<DeployedOnAws> => manifestOf(fresh ? null : 2);
    const sendDelivery = createSendDelivery({ environment: "dev", deployed, clients: () => Promise.resolve(clients) });
    const error = await sendDelivery(ref("moved"), { callId: "fc-1", delivery: 1 }).catch((thrown: unknown) => thrown);
    expect(isAwsFailure(error, "missing")).toBe(true);
    clients.destroy();
  });
});
