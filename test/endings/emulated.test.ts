import { join } from "node:path";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createAwsBackend } from "../../src/adapters/backend.ts";
import { inputQueue } from "../../src/model/aws-names.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { clientOptions } from "../helpers/account.ts";
import { actOn, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { testAttempts } from "./attempts.ts";
import { testDurable } from "./durable.ts";

const aws = await emulatedAws();

let backend: Backend;
let sqs: SQSClient;
beforeAll(async () => {
  if (aws.missing) return;
  const { account } = aws;
  await deployOnAccount(account, "test", join(import.meta.dirname, "../fixtures/endings-app.ts"));
  actOn(account);
  backend = createAwsBackend({ environment: "test", region: account.region, endpoint: account.endpoint });
  sqs = new SQSClient(clientOptions(account, account.rootCredentials));
}, 90_000);
afterAll(async () => {
  await backend?.close();
  sqs?.destroy();
});

const described = describeAws(aws);
testAttempts({ describe: described, name: "the emulated AWS", functions: () => backend.functions, streams: true });
testDurable({
  describe: described,
  name: "the emulated AWS, an event",
  calls: () => backend.calls,
  fn: () => "call",
  lostMs: 60_000,
});
testDurable({
  describe: described,
  name: "the emulated AWS, a queue",
  calls: () => backend.calls,
  fn: (ending) => (ending === "abort" || ending === "memory" || ending === "killed" ? `queued-${ending}` : "queued"),
  // Its message comes back 30 s after Lambda's own timeout of 13 s.
  lostMs: 90_000,
});

described("a container that a queue feeds", () => {
  it("is done with its message before it ends", async () => {
    const QueueName = inputQueue("test", "endings", { name: "queued", kind: "function", maxContainers: 1 });
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const left = async (): Promise<readonly unknown[]> => {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      return [Attributes?.["ApproximateNumberOfMessages"], Attributes?.["ApproximateNumberOfMessagesNotVisible"]];
    };
    await expect.poll(left, { timeout: 10_000 }).toEqual(["0", "0"]);
  });
});
