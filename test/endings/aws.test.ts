import { join } from "node:path";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { inputQueue } from "../../src/model/aws-names.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { accountUnderTest } from "../helpers/account-under-test.ts";
import { testAttempts } from "./attempts.ts";
import { testDurable } from "./durable.ts";

const account = await accountUnderTest("e");

let backend: Backend | undefined;
const sqs = new SQSClient(account.options);
afterAll(async () => {
  await backend?.close();
  sqs.destroy();
});

account.describe("the endings table", () => {
  beforeAll(async () => {
    await account.deploy(join(import.meta.dirname, "../fixtures/endings-app.ts"));
    backend = await account.backend();
  });

  testAttempts({ describe: account.describe, name: account.name, functions: () => backend!.functions, streams: true });
  testDurable({
    describe: account.describe,
    name: `${account.name}, an event`,
    calls: () => backend!.calls,
    fn: () => "event",
    lostMs: account.within(60_000),
    promptMs: account.within(60_000),
  });
  testDurable({
    describe: account.describe,
    name: `${account.name}, a queue`,
    calls: () => backend!.calls,
    fn: (ending) => (ending === "abort" || ending === "memory" || ending === "killed" ? `queued-${ending}` : "queued"),
    // Its message comes back 30 s after Lambda's own timeout of 15 s.
    lostMs: account.within(90_000),
    promptMs: account.within(60_000),
  });

  account.describe("a container that a queue feeds", () => {
    it("is done with its message before it ends", async () => {
      const QueueName = inputQueue(account.environment, "endings", { name: "queued", kind: "function", maxContainers: 1 });
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      const left = async (): Promise<readonly unknown[]> => {
        const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
        return [Attributes?.["ApproximateNumberOfMessages"], Attributes?.["ApproximateNumberOfMessagesNotVisible"]];
      };
      await expect.poll(left, { timeout: account.within(10_000) }).toEqual(["0", "0"]);
    });
  });
});
