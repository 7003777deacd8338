import { createTable } from "../adapters/aws/dynamodb.ts";
import { createLambdaEvents } from "../adapters/aws/lambda-events.ts";
import { createS3Api } from "../adapters/aws/s3.ts";
import { createSendQueue } from "../adapters/aws/sqs.ts";
import { createAwsDriver } from "../adapters/calls/aws-driver.ts";
import { createAwsCallRows } from "../adapters/calls/aws-rows.ts";
import { InvalidError } from "../model/errors.ts";
import { createDispatcher, type QueueAnswer, type QueueEvent, type SweepEvent } from "./dispatcher.ts";

let dispatcher: ReturnType<typeof createDispatcher> | undefined;

/**
 * The handler of an App's dispatcher: messages of its queue, with partial batch answers, and the rule's sweep.
 *
 * Its environment is that of a Function, without TENON_FUNCTION.
 */
export async function handler(event: QueueEvent | SweepEvent): Promise<QueueAnswer> {
  dispatcher ??= fromEnvironment(process.env);
  return dispatcher.handle(event);
}

// --- Internal helpers ---

function fromEnvironment(env: NodeJS.ProcessEnv): ReturnType<typeof createDispatcher> {
  const given = (name: string): string => {
    const value = env[name];
    if (value !== undefined && value !== "") return value;
    throw new InvalidError(`The dispatcher has no ${name}.`, { hint: "Deploy the App again." });
  };
  const bucket = given("TENON_BUCKET");
  const s3 = createS3Api({});
  const queue = createSendQueue(given("TENON_DISPATCHER_QUEUE_URL"), {});
  const later = (body: string, delayMs: number): Promise<void> => queue.send(body, delayMs);
  const rows = createAwsCallRows(createTable(given("TENON_CALLS_TABLE"), {}), {
    put: (key, bytes) => s3.put(bucket, key, bytes),
    get: (key) => s3.get(bucket, key),
  });
  return createDispatcher({
    environment: given("TENON_ENVIRONMENT"),
    app: given("TENON_APP"),
    rows,
    driver: createAwsDriver({ rows, later }),
    sendEvent: createLambdaEvents({}).send,
    later,
  });
}
