import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { DeploymentsApi, StackOnAws } from "../adapters/aws/deployments.ts";
import { PermissionDeniedError } from "../model/errors.ts";
import type { EventSink } from "../ports/events.ts";
import { busyStack } from "./errors.ts";
import { isForQueueNames, QUEUE_NAMES_WAIT_MS } from "./queue-names.ts";
import { explainFailure, type StackFailure } from "./stack-failure.ts";
import { loadToolkit, STACK_POLL_MS } from "./toolkit.ts";

/** A stack of a cloud assembly. */
export interface StackParams {
  /** Absolute path of the assembly's folder. */
  readonly dir: string;
  readonly stack: string;
  readonly onEvent?: EventSink | undefined;
  /** Awaited right before CloudFormation is asked for a change of the stack, perhaps more than once. */
  readonly onStart?: (() => Promise<void>) | undefined;
  /** Asked before anything is changed: `false` ends it there. */
  readonly onChange?: (() => Promise<boolean>) | undefined;
  /** Takes over tables and buckets of the stack's names that are there already. @default false */
  readonly adopt?: boolean | undefined;
  /** Lets time pass. @default - a timer */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
}

/** The result of a deploy. */
export interface DeployedStack {
  readonly stack: string;
  /** Whether CloudFormation had anything to do; `null` when `onChange` gave `false`. */
  readonly changed: boolean | null;
}

/**
 * Deploys one stack, with the CDK's own toolkit and the roles of its bootstrap.
 *
 * Two questions to CloudFormation find out whether the stack is deployed already as it is; only then the toolkit loads.
 * Where it fails because SQS still keeps the name of a queue that was deleted a moment ago, it is deployed once more after a
 * wait, which the event `STACK_WAITS` tells.
 *
 * Rejects with `ConflictError` while someone else changes the stack, `ExecutionError` with CloudFormation's reasons,
 * `NotFoundError` without bootstrap or toolkit, `PermissionDeniedError` where AWS does not let the caller.
 */
export async function deployStack(api: DeploymentsApi, params: StackParams): Promise<DeployedStack> {
  const { dir, stack, onEvent, onChange, pause = sleep } = params;
  const wanted = readStack(dir, stack);
  const [found, template] = await Promise.all([look(api.stack(stack)), look(api.template(stack))]);
  if (found !== undefined && isBusy(found.status)) throw busyStack(stack, found.status);
  if (found !== undefined && isSame(found, template, wanted)) return { stack, changed: false };
  if ((await onChange?.()) === false) return { stack, changed: null };

  // CloudFormation counts the stack itself too.
  const total = found === undefined ? Object.keys(wanted.template.Resources).length + 1 : null;
  const first = await tryToDeploy(params, total);
  if (first === undefined) return { stack, changed: true };
  if (!isForQueueNames(first.failures)) throw explainFailure(stack, "deployed", first);
  // Rolling back has deleted queues, too: the names of those are kept from now on.
  onEvent?.({ code: "STACK_WAITS", stack, waitMs: QUEUE_NAMES_WAIT_MS, reason: first.failures[0]! });
  await pause(QUEUE_NAMES_WAIT_MS);
  const second = await tryToDeploy(params, total);
  if (second !== undefined) throw explainFailure(stack, "deployed", second);
  return { stack, changed: true };
}

/** Whether CloudFormation is at work on a stack of this status. */
export function isBusy(status: string): boolean {
  // A stack in review has only a change set that was never executed.
  return status.endsWith("_IN_PROGRESS") && status !== "REVIEW_IN_PROGRESS";
}

// --- Internal helpers ---

interface WantedStack {
  readonly template: { readonly Resources: object };
  readonly tags: Readonly<Record<string, string>>;
}

function readStack(dir: string, stack: string): WantedStack {
  const { artifacts } = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as {
    readonly artifacts: Readonly<Record<string, { readonly properties?: { templateFile?: string; tags?: Record<string, string> } }>>;
  };
  const { templateFile = `${stack}.template.json`, tags = {} } = artifacts[stack]?.properties ?? {};
  return { template: JSON.parse(readFileSync(join(dir, templateFile), "utf8")) as WantedStack["template"], tags };
}

/** `undefined`: the stack is deployed. */
async function tryToDeploy(params: StackParams, total: number | null): Promise<StackFailure | undefined> {
  const { dir, stack, adopt = false } = params;
  const { lib, toolkit, failures } = await loadToolkit(params, total);
  try {
    await toolkit.deploy(await toolkit.fromAssemblyDirectory(dir), {
      stacks: { strategy: lib.StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [stack] },
      // Only a change set can take over existing resources. Otherwise one request is enough: `cdk diff` shows the changes.
      deploymentMethod: adopt ? { method: "change-set", importExistingResources: true } : { method: "direct" },
      stackEventPollingInterval: STACK_POLL_MS,
    });
    return undefined;
  } catch (error) {
    return { failures, error };
  }
}

/** An answer. `undefined` also for a caller who may deploy by the CDK's roles, but may not see anything. */
async function look<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof PermissionDeniedError) return undefined;
    throw error;
  });
}

const SETTLED = new Set(["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"]);

function isSame(found: StackOnAws, template: string | undefined, wanted: WantedStack): boolean {
  if (template === undefined || !SETTLED.has(found.status) || !isDeepStrictEqual(found.tags, wanted.tags)) return false;
  return isDeepStrictEqual(JSON.parse(asGiven(template)), JSON.parse(asGiven(JSON.stringify(wanted.template))));
}

/**
 * A template as GetTemplate gives it: with `?` for each character beyond ASCII. A change of such characters is seen
 * nevertheless, because all that an App says stands in ASCII too, in the parameter of its manifest.
 */
function asGiven(template: string): string {
  return template.replaceAll(/[\u{80}-\u{10ffff}]/gu, "?");
}
