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

/** Hands a turn to its Function. Rejections are those of the AWS SDK, and of who knows what is deployed. */
export type SendTurn = (ref: FunctionRef, turn: Omit<DurableTurn, "fn">) => Promise<void>;

/**
 * Hands turns to their Functions: to the queue of one with `maxContainers`, whose event source keeps to that number, to
 * Lambda's own queue for every other.
 */
export function createSendTurn({ environment, deployed, clients }: AwsTurnsParams): SendTurn {
  const send = async ({ app, name }: FunctionRef, payload: string, fresh: boolean): Promise<void> => {
    const spec = (await deployed(app, fresh)).manifest.functions[name];
    const queue = spec && inputQueue(environment, app, spec);
    const { events, inputs } = await clients();
    await (queue === undefined ? events.send(functionName(environment, app, name), payload) : inputs.send(queue, payload));
  };
  return (ref, turn) => {
    const payload = encodeDurableTurn({ ...turn, fn: ref.name });
    return send(ref, payload, false).catch((error: unknown) => {
      // A deploy may have given or taken its queue since that was asked for.
      if (isMissing(error)) return send(ref, payload, true);
      throw error;
    });
  };
}

/** Whether AWS knows no function or queue of that name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && /^ResourceNotFound|QueueDoesNotExist|NonExistentQueue/.test(error.name);
}
