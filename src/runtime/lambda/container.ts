import { decodeDelivery, decodeQueuedDelivery, type QueuedDelivery } from "../../wire/delivery.ts";
import type { LambdaAnswer } from "../../wire/lambda-payload.ts";
import type { DurableCalls } from "./durable-call.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { createLambdaInstance } from "./instance.ts";
import { createPlainCalls } from "./plain-call.ts";
import type { ResponseStream } from "./stream.ts";

/** What Tenon reads of Lambda's context. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The two handlers of a Lambda function: one input at a time. */
export interface LambdaContainer {
  /** Waits for the App, as long as an environment's init may take. */
  initialize(): Promise<void>;
  handle(event: unknown, context: LambdaContext): Promise<LambdaAnswer>;
  stream(event: unknown, response: ResponseStream, context: LambdaContext): Promise<void>;
}

/** Makes the container; faults and output are caught from now on, and the App begins to load. */
export function createLambdaContainer(settings: LambdaEnvironment): LambdaContainer {
  const instance = createLambdaInstance(settings);
  const plain = createPlainCalls(instance);
  let loading: Promise<DurableCalls> | undefined;
  // Most Functions are never spawned.
  const durable = (): Promise<DurableCalls> =>
    (loading ??= import("./durable-call.ts").then(({ createDurableCalls }) => createDurableCalls(instance)));
  const runDelivery = async (
    { delivery, message }: Pick<QueuedDelivery, "delivery" | "message">,
    queued: boolean,
    context: LambdaContext,
  ): Promise<LambdaAnswer> => {
    const endsAtMs = (): number => Date.now() + context.getRemainingTimeInMillis();
    await (
      await durable()
    )({ delivery, message, queued, requestId: context.awsRequestId, endsAtMs });
    return { result: null, parts: [] };
  };
  return {
    initialize: instance.initialize,
    async handle(event, context) {
      const queued = decodeQueuedDelivery(event);
      if (queued !== undefined) return runDelivery(queued, true, context);
      const delivery = decodeDelivery(event);
      return delivery === undefined ? plain.answer(event) : runDelivery({ delivery, message: undefined }, false, context);
    },
    stream: (event, response) => plain.stream(event, response),
  };
}
