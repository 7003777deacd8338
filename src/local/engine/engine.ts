import type { EncodedError, EncodedValue } from "../../model/encoded.ts";
import { CallDepthError, ClientClosedError, InputCancelledError, InvalidError, NotFoundError } from "../../model/errors.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Backend } from "../../ports/backend.ts";
import type { EventSink } from "../../ports/events.ts";
import type { FunctionsPort, InvokeParams } from "../../ports/functions.ts";
import { createItemQueue } from "../../channel/item-queue.ts";
import { serveBackend, type ServedBackend } from "../../channel/server.ts";
import { onAbort } from "../../util/on-abort.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { checkFrameSize } from "../../wire/frame.ts";
import { encodeError } from "../../wire/error-codec.ts";
import type { Container } from "./container.ts";
import type { Job } from "./job.ts";
import { Pool } from "./pool.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { WorkerStarter } from "../workers/worker-starter.ts";

/** What an engine runs and with what. */
export interface EngineOptions {
  readonly manifest: AppManifest;
  readonly bundle: { readonly appFile: string; readonly sourceRoot: string; readonly version: string };
  readonly environment: string;
  readonly stateDir?: string | undefined;
  readonly workers: WorkerStarter;
  readonly onEvent: EventSink;
  /** What the App's own Functions reach: itself and whatever else the backend holds. */
  readonly backend: () => Backend;
  readonly slots?: Slots | undefined;
}

/** Runs one App's Functions in containers. */
export interface Engine {
  readonly functions: FunctionsPort;
  /** Ends the container that runs an input of this call. */
  endContainersOf(callId: string): void;
  /** Inputs handed in and not settled. */
  readonly active: number;
  close(): Promise<void>;
}

/** Makes the engine of an App; containers start with the first inputs, or now where `minContainers` says so. */
export function createEngine(options: EngineOptions): Engine {
  const { manifest, bundle } = options;
  const slots = options.slots ?? createSlots();
  const pools = new Map<string, Pool>();
  const jobs = new Map<string, Job>();
  const served = new Map<Container, ServedBackend>();
  let closed = false;

  const poolOf = (ref: FunctionRef): Pool => {
    const known = pools.get(ref.name);
    if (known !== undefined) return known;
    const spec = Object.hasOwn(manifest.functions, ref.name) ? manifest.functions[ref.name] : undefined;
    if (spec === undefined || ref.app !== manifest.name) {
      throw new NotFoundError(
        `App "${ref.app}" has no Function "${ref.name}"; it has ${Object.keys(manifest.functions).join(", ") || "none"}`,
        { hint: "check the name, or run the App again" },
      );
    }
    const pool: Pool = new Pool({
      app: manifest.name,
      spec,
      init: {
        app: manifest.name,
        version: bundle.version,
        environment: options.environment,
        stateDir: options.stateDir,
        env: spec.env,
        bundle: { appFile: bundle.appFile, sourceRoot: bundle.sourceRoot },
        fn: spec,
      },
      slots,
      startWorker: (of) => options.workers.start(of),
      onRequest: (container, type, seq, head, parts) => serve(pool, container).onFrame(type, seq, head, parts),
      onGone: (container) => {
        served.get(container)?.onClose();
        served.delete(container);
      },
      onEvent: options.onEvent,
    });
    pools.set(ref.name, pool);
    return pool;
  };

  const serve = (pool: Pool, container: Container): ServedBackend => {
    const known = served.get(container);
    if (known !== undefined) return known;
    const made = serveBackend(container.process.channel, options.backend(), {
      onWait: (parent) => pool.wait(container, parent),
    });
    served.set(container, made);
    return made;
  };

  const open = (
    ref: FunctionRef,
    envelope: Envelope,
    onItem: ((item: EncodedValue) => void) | null,
    settle: (result: AttemptResult) => void,
  ): { readonly job: Job; readonly pool: Pool } => {
    if (closed) throw new ClientClosedError(`the run of App "${manifest.name}" has ended`, { hint: "call while it runs" });
    const pool = poolOf(ref);
    checkNesting(manifest, ref, envelope, jobs);
    checkFrameSize(envelope.args.text, envelope.args.parts);
    const job: Job = {
      fn: ref.name,
      envelope,
      onItem,
      settle: (result) => {
        // Two attempts under one id can't be told apart otherwise.
        if (jobs.get(envelope.inputId) === job) jobs.delete(envelope.inputId);
        job.unwatch?.();
        settle(result);
      },
      seq: 0,
      startBeforeMs: 0,
      headSinceMs: 0,
      waits: 0,
      credit: 0,
      cancelled: null,
      unwatch: null,
      cancelledAtMs: 0,
    };
    jobs.set(envelope.inputId, job);
    return { job, pool };
  };

  /** Starts the job unless its caller has given up already. */
  const submit = (job: Job, pool: Pool, params: InvokeParams | undefined): void => {
    const signal = params?.signal;
    if (signal === undefined) {
      pool.submit(job);
      return;
    }
    const cancel = (): void => pool.cancel(job, cancelled(job));
    if (signal.aborted) {
      job.settle({ status: "cancelled", error: cancelled(job) });
      return;
    }
    job.unwatch = onAbort(signal, cancel);
    pool.submit(job);
  };

  for (const { name, minContainers } of Object.values(manifest.functions)) if (minContainers > 0) poolOf({ app: manifest.name, name });
  return {
    functions: {
      invoke(ref, envelope, params) {
        return new Promise((resolve) => {
          const { job, pool } = open(ref, envelope, null, resolve);
          submit(job, pool, params);
        });
      },
      async *stream(ref, envelope, params) {
        const items = createItemQueue<EncodedValue, AttemptResult>((count) => pool.giveCredit(job, count));
        const { job, pool } = open(ref, envelope, items.push, (result) => items.end(result));
        submit(job, pool, params);
        try {
          return yield* items.drain();
        } finally {
          if (!items.ended) pool.cancel(job, cancelled(job));
        }
      },
    },
    endContainersOf(callId) {
      for (const job of jobs.values()) if (job.envelope.callId === callId) pools.get(job.fn)?.endContainerOf(job);
    },
    get active() {
      return jobs.size;
    },
    async close() {
      closed = true;
      const left = [...jobs.values()];
      const gone = Promise.all([...pools.values()].map((pool) => pool.close()));
      for (const job of left) job.settle({ status: "cancelled", error: cancelled(job) });
      await gone;
    },
  };
}

// --- Internal helpers ---

function cancelled(job: Job): EncodedError {
  return encodeError(new InputCancelledError(`call ${job.envelope.callId} of Function "${job.fn}" was cancelled`));
}

/** Refuses what would nest for ever, and what would wait for itself. */
function checkNesting(manifest: AppManifest, ref: FunctionRef, envelope: Envelope, jobs: ReadonlyMap<string, Job>): void {
  if (envelope.depth > manifest.maxCallDepth) {
    throw new CallDepthError(`calls are nested ${envelope.depth} deep, App "${manifest.name}" allows ${manifest.maxCallDepth}`, {
      hint: "give the App a larger maxCallDepth, or end the recursion earlier",
    });
  }
  const limit = manifest.functions[ref.name]?.maxContainers ?? null;
  if (limit === null || envelope.parent === undefined) return;
  let held = 0;
  for (
    let above = jobs.get(envelope.parent);
    above !== undefined;
    above = above.envelope.parent === undefined ? undefined : jobs.get(above.envelope.parent)
  ) {
    if (above.fn === ref.name) held++;
  }
  if (held < limit) return;
  throw new InvalidError(
    `Function "${ref.name}" calls itself (through its callers too) while all of its ${limit} containers wait for that call: it would wait for ever`,
    {
      hint: `give it a maxContainers above ${limit}, or use spawn and let the call end first`,
    },
  );
}
