import { functionName, inputQueue } from "../../model/aws-names.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { type DurableTurn, encodeDurableTurn } from "../../wire/durable-turn.ts";
import type { AwsApps } from "../apps/aws.ts";
import type { AwsClients } from "../aws/clients.ts";

/** What turns are handed out by. */
export interface AwsTurnsParams {
  readonly environment: string;
  /** Says which Functions have a queue of their own. */
  readonly deployed: AwsApps["deployed"];
  readonly clients: () => Promise<Pick<AwsClients, "events" | "inputs">>;
}

/**
 * Hands a turn to its Function. One that only ends a call need not wait behind those that run: it is an `event` whatever
 * feeds the Function. Rejections are those of the AWS SDK, and of who knows what is deployed.
 */
export type SendTurn = (ref: FunctionRef, turn: Omit<DurableTurn, "fn">, params?: { readonly event?: boolean }) => Promise<void>;

/**
 * Hands turns to their Functions: to the queue of one with `maxContainers`, whose event source keeps to that number, to
 * Lambda's own queue for every other.
 */
export function createSendTurn({ environment, deployed, clients }: AwsTurnsParams): SendTurn {
  const queueOf = async ({ app, name }: FunctionRef, fresh: boolean): Promise<string | undefined> => {
    const spec = (await deployed(app, fresh)).manifest.functions[name];
    return spec && inputQueue(environment, app, spec);
  };
  return async (ref, turn, { event = false } = {}) => {
    const payload = encodeDurableTurn({ ...turn, fn: ref.name });
    const { events, inputs } = await clients();
    const send = (queue: string | undefined): Promise<void> =>
      queue === undefined ? events.send(functionName(environment, ref.app, ref.name), payload) : inputs.send(queue, payload);
    if (event) return send(undefined);
    try {
      await send(await queueOf(ref, false));
    } catch (error) {
      if (!isMissing(error)) throw error;
      // A deploy may have given or taken its queue since that was asked for.
      await send(await queueOf(ref, true));
    }
  };
}

/** Whether AWS knows no function or queue of that name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && /^ResourceNotFound|QueueDoesNotExist|NonExistentQueue/.test(error.name);
}
