import {
  LAMBDA_MAX_FUNCTION_TIMEOUT_MS,
  LAMBDA_MAX_MEMORY_MIB,
  LAMBDA_MAX_TIMEOUT_SECONDS,
  LAMBDA_MIB_PER_VCPU,
  LAMBDA_MIN_MEMORY_MIB,
  LAMBDA_SPARE_MS,
  LONGEST_HELD_MS,
} from "../../adapters/functions/limits.ts";
import { DEFAULT_SCALEDOWN_WINDOW_MS } from "../../model/function-options.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import { showNumber } from "../../util/show-value.ts";
import { MAX_SOURCE_CONCURRENCY } from "../../adapters/calls/limits.ts";

/** What a Function becomes on Lambda. */
export interface LambdaPlan {
  /** `MemorySize`, in MB. */
  readonly memoryMiB: number;
  /** `Timeout`: start-up, body and the end of an invocation. */
  readonly timeoutSeconds: number;
  readonly handler: "init.handler" | "init.streamHandler";
  /** Why it can't be a Lambda function, each with its number and the way out; empty when it can. */
  readonly refusals: readonly string[];
  /** Where Lambda does not give what was asked for, or gives more. */
  readonly notes: readonly string[];
}

const LATER = "longer and larger Functions will run on ECS, which this version of Tenon does not have";

/**
 * What a Function becomes on Lambda, and where that differs from what it asks for.
 *
 * Memory is the larger of `memoryMiB` and what `cpu` takes at 1,769 MB for a vCPU; below that, `cpu` is not a limit:
 * Lambda gives every function its memory's share. `reserved`: Lambda reserves concurrency for its `maxContainers`.
 */
export function planLambda(spec: FunctionSpec, { reserved = false }: { readonly reserved?: boolean } = {}): LambdaPlan {
  const refusals: string[] = [];
  const notes: string[] = [];
  const forCpu = Math.ceil(spec.cpu * LAMBDA_MIB_PER_VCPU);
  const memoryMiB = Math.max(LAMBDA_MIN_MEMORY_MIB, Math.ceil(spec.memoryMiB), forCpu);

  if (spec.timeoutMs > LAMBDA_MAX_FUNCTION_TIMEOUT_MS)
    refusals.push(
      `timeoutMs is ${showNumber(spec.timeoutMs)}; Lambda runs a Function for at most ${showNumber(LAMBDA_MAX_FUNCTION_TIMEOUT_MS)}. Split the work, or lower it: ${LATER}.`,
    );
  if (spec.memoryMiB > LAMBDA_MAX_MEMORY_MIB)
    refusals.push(
      `memoryMiB is ${showNumber(spec.memoryMiB)}; Lambda has at most ${showNumber(LAMBDA_MAX_MEMORY_MIB)}. Split the work, or lower it: ${LATER}.`,
    );
  else if (forCpu > LAMBDA_MAX_MEMORY_MIB)
    refusals.push(
      `cpu is ${spec.cpu}, which takes ${showNumber(forCpu)} MB at ${showNumber(LAMBDA_MIB_PER_VCPU)} MB for a vCPU; Lambda has at most ${showNumber(LAMBDA_MAX_MEMORY_MIB)} MB, which is ${(LAMBDA_MAX_MEMORY_MIB / LAMBDA_MIB_PER_VCPU).toFixed(2)} vCPU. Lower it: ${LATER}.`,
    );
  else if (memoryMiB > spec.memoryMiB)
    notes.push(
      `cpu ${spec.cpu} takes ${showNumber(memoryMiB)} MB of memory on Lambda; memoryMiB ${showNumber(spec.memoryMiB)} is raised to it`,
    );

  const wantedMs = spec.startupTimeoutMs + spec.timeoutMs + LAMBDA_SPARE_MS;
  const timeoutSeconds = Math.min(LAMBDA_MAX_TIMEOUT_SECONDS, Math.ceil(wantedMs / 1_000));
  if (refusals.length === 0 && wantedMs > LAMBDA_MAX_TIMEOUT_SECONDS * 1_000)
    notes.push(
      `start-up and body together end after ${LAMBDA_MAX_TIMEOUT_SECONDS} s on Lambda; startupTimeoutMs and timeoutMs allow ${showNumber(Math.ceil(wantedMs / 1_000))} s`,
    );
  for (const option of ["minContainers", "bufferContainers"] as const) {
    if (spec[option] > 0) notes.push(`${option} ${spec[option]} is not kept: Lambda keeps containers only with provisioned concurrency`);
  }
  if (spec.scaledownWindowMs !== DEFAULT_SCALEDOWN_WINDOW_MS)
    notes.push(`scaledownWindowMs ${showNumber(spec.scaledownWindowMs)} is not kept: Lambda decides how long an idle container stays`);
  if (spec.maxContainers !== null) notes.push(...maxContainersNotes(spec, spec.maxContainers, reserved));
  return {
    memoryMiB,
    timeoutSeconds,
    handler: spec.kind === "generator" ? "init.streamHandler" : "init.handler",
    refusals,
    notes,
  };
}

function maxContainersNotes({ kind, timeoutMs }: FunctionSpec, maxContainers: number, reserved: boolean): readonly string[] {
  if (reserved) return [];
  const each = "Lambda starts a container for each input that runs";
  if (kind === "generator") return [`maxContainers ${maxContainers} does not hold: ${each}`];
  const most =
    maxContainers > MAX_SOURCE_CONCURRENCY
      ? [
          `maxContainers ${showNumber(maxContainers)} is ${showNumber(MAX_SOURCE_CONCURRENCY)} for spawned calls, the most that an event source takes`,
        ]
      : [];
  // Those calls are spawned, whoever makes them.
  if (timeoutMs > LONGEST_HELD_MS) return most;
  return [`maxContainers ${maxContainers} holds for spawned calls, but does not hold for remote and map: ${each}`, ...most];
}
