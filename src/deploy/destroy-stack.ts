import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import { isBusy, type StackParams } from "./deploy-stack.ts";
import { busyStack } from "./errors.ts";
import { explainFailure } from "./stack-failure.ts";
import { loadToolkit, STACK_POLL_MS } from "./toolkit.ts";

/** Which stack to delete, and how. */
export interface DestroyParams extends StackParams {
  /** Also while CloudFormation is still creating it, which CloudFormation allows. */
  readonly evenIfBusy?: boolean;
}

/**
 * Deletes one stack and waits until it is gone. Any assembly with a stack of this name will do: it names the roles.
 * Resolves with whether there was such a stack.
 *
 * Rejects with `ConflictError` while someone else changes the stack, `ExecutionError` with CloudFormation's reasons,
 * `PermissionDeniedError` where AWS does not let the caller.
 */
export async function destroyStack(api: DeploymentsApi, params: DestroyParams): Promise<boolean> {
  const { dir, stack, evenIfBusy = false } = params;
  const found = await api.stack(stack);
  if (found === undefined) return false;
  if (!evenIfBusy && isBusy(found.status)) throw busyStack(stack, found.status);
  const { lib, toolkit, failures } = await loadToolkit(params, null);
  try {
    await toolkit.destroy(await toolkit.fromAssemblyDirectory(dir), {
      stacks: { strategy: lib.StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stack] },
      stackEventPollingInterval: STACK_POLL_MS,
    });
  } catch (error) {
    throw explainFailure(stack, "destroyed", { failures, error });
  }
  return true;
}
