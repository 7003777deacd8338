import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import { LOW_CONCURRENCY } from "../adapters/functions/limits.ts";

/**
 * The containers of Lambda that an account runs at once, where these are so few that calls which wait for calls may hold them
 * all. Never rejects, because it is only advice: `undefined` also for a caller who may not ask.
 */
export async function findLowConcurrency(api: Pick<DeploymentsApi, "concurrency">): Promise<number | undefined> {
  const concurrency = await api.concurrency().catch(() => undefined);
  return concurrency !== undefined && concurrency < LOW_CONCURRENCY ? concurrency : undefined;
}
