import { CallDepthError, InvalidError } from "../../model/errors.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { Envelope } from "../../wire/envelope.ts";
import type { Job } from "./job.ts";

/**
 * Refuses a call that nests too deep, with `CallDepthError`, and one that would wait for itself, with `InvalidError`. `jobs`
 * are those under way, by input.
 */
export function checkNesting(manifest: AppManifest, ref: FunctionRef, envelope: Envelope, jobs: ReadonlyMap<string, Job>): void {
  if (envelope.depth > manifest.maxCallDepth) {
    throw new CallDepthError(`Calls are nested ${envelope.depth} deep. App "${manifest.name}" allows ${manifest.maxCallDepth}.`, {
      hint: "Give the App a larger maxCallDepth, or end the recursion earlier.",
    });
  }
  const limit = manifest.functions[ref.name]?.maxContainers ?? null;
  if (limit === null || envelope.parent === undefined || callersOf(envelope, ref.name, jobs) < limit) return;
  throw new InvalidError(
    `Function "${ref.name}" calls itself, directly or through others, while all of its ${limit} containers wait for that call. It would wait for ever.`,
    { hint: `Give it a maxContainers above ${limit}, or spawn the call and do not wait for it.` },
  );
}

// --- Internal helpers ---

/** How many inputs of a Function wait for this call, directly or through others. */
function callersOf(envelope: Envelope, fn: string, jobs: ReadonlyMap<string, Job>): number {
  let count = 0;
  for (let parent = envelope.parent; parent !== undefined;) {
    const above = jobs.get(parent);
    if (above === undefined) break;
    if (above.fn === fn) count++;
    parent = above.envelope.parent;
  }
  return count;
}
