import { type AttemptRunner, createLocalFunctions } from "../../adapters/functions/local.ts";
import { ClientClosedError } from "../../model/errors.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { checkFrameSize } from "../../wire/frame.ts";
import type { EngineParams } from "./engine-params.ts";
import { Job } from "./job.ts";
import { LostInputs } from "./lost-inputs.ts";
import { checkNesting } from "./nesting.ts";
import { Pools } from "./pools.ts";

/** Runs one App's Functions in containers. */
export interface Engine {
  readonly functions: FunctionsPort;
  /** Ends the container that runs an input of this call. */
  endContainersOf(callId: string): void;
  /** Inputs handed in and not settled. */
  readonly active: number;
  /** Settles everything as cancelled and resolves when all containers are gone. */
  close(): Promise<void>;
}

/** Makes the engine of an App; containers start with the first inputs, or now where `minContainers` says so. */
export function createEngine(params: EngineParams): Engine {
  const { manifest } = params;
  const pools = new Pools(params);
  const lost = new LostInputs();
  const jobs = new Map<string, Job>();
  let closed = false;

  const onSettled = (job: Job, result: AttemptResult): void => {
    const { inputId } = job.envelope;
    // Two attempts under one id can't be told apart otherwise.
    if (jobs.get(inputId) === job) jobs.delete(inputId);
    if (result.status === "lost") lost.add(inputId);
  };
  const accept: AttemptRunner["accept"] = (ref, envelope, onItem, settle) => {
    if (closed) throw new ClientClosedError(`The run of App "${manifest.name}" has ended.`, { hint: "Call it while it runs." });
    const place = pools.of(ref);
    checkNesting(manifest, ref, envelope, jobs);
    checkFrameSize(envelope.args.text, envelope.args.parts);
    const isAgain = lost.remove(envelope.inputId) || envelope.attempt > 1;
    const job = new Job({ fn: ref.name, envelope, isAgain, onItem, place, onSettled, settle });
    jobs.set(envelope.inputId, job);
    return job;
  };

  for (const { name, minContainers } of Object.values(manifest.functions)) if (minContainers > 0) pools.of({ app: manifest.name, name });
  return {
    functions: createLocalFunctions({ accept }),
    endContainersOf(callId) {
      for (const job of jobs.values())
        if (job.envelope.callId === callId) pools.of({ app: manifest.name, name: job.fn }).endContainerOf(job);
    },
    get active() {
      return jobs.size;
    },
    async close() {
      closed = true;
      const left = [...jobs.values()];
      const gone = pools.close();
      for (const job of left) job.settleCancelled();
      await gone;
    },
  };
}
