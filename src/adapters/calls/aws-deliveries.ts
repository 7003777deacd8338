import { functionName, inputQueue } from "../../model/aws-names.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import type { AwsApps } from "../apps/aws.ts";
import type { AwsClients } from "../aws/clients.ts";
import { isAwsFailure } from "../aws/failures.ts";

/** What deliveries are handed out by. */
export interface AwsDeliveriesParams {
  readonly environment: string;
  /** Says which Functions have a queue of their own. */
  readonly deployed: AwsApps["deployed"];
  readonly clients: () => Promise<Pick<AwsClients, "events" | "inputs">>;
}

/**
 * Hands a delivery to its Function. One that only ends a call need not wait behind those that run: it is an `event` whatever
 * feeds the Function. Rejections are those of the AWS SDK, and of who knows what is deployed.
 */
export type SendDelivery = (ref: FunctionRef, delivery: Omit<Delivery, "fn">, params?: { readonly event?: boolean }) => Promise<void>;

/**
 * Hands deliveries to their Functions: to the queue of one with `maxContainers`, whose event source keeps to that number, to
 * Lambda's own queue for every other.
 */
export function createSendDelivery({ environment, deployed, clients }: AwsDeliveriesParams): SendDelivery {
  const queueOf = async ({ app, name }: FunctionRef, fresh: boolean): Promise<string | undefined> => {
    const spec = (await deployed(app, fresh)).manifest.functions[name];
    return spec && inputQueue(environment, app, spec);
  };
  return async (ref, delivery, { event = false } = {}) => {
    const payload = encodeDelivery({ ...delivery, fn: ref.name });
    const { events, inputs } = await clients();
    const send = (queue: string | undefined): Promise<void> =>
      queue === undefined ? events.send(functionName(environment, ref.app, ref.name), payload) : inputs.send(queue, payload);
    if (event) return send(undefined);
    try {
      await send(await queueOf(ref, false));
    } catch (error) {
      if (!isAwsFailure(error, "missing")) throw error;
      // A deploy may have given or taken its queue since that was asked for.
      await send(await queueOf(ref, true));
    }
  };
}
