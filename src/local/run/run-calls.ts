import { startCallDriver } from "../../adapters/calls/local-driver.ts";
import { createLocalCalls } from "../../adapters/calls/local.ts";
import { runPartition } from "../../adapters/calls/local-partitions.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { Backend } from "../../ports/backend.ts";
import type { CallsPort } from "../../ports/calls.ts";
import type { EventSink } from "../../ports/events.ts";
import type { Engine } from "../engine/engine.ts";
import { isAlive, ownKey } from "../../util/processes.ts";
import { openState } from "../../adapters/lmdb/state.ts";

/** Most dropped calls that an event names. */
const DROPPED_CALLS_NAMED = 20;

/** What a run's durable calls are made of. */
export interface RunCallsOptions {
  readonly manifest: AppManifest;
  readonly environment: string;
  readonly stateDir: string;
  readonly engine: Engine;
  readonly onEvent: EventSink;
  /** The deployed Apps, asked for only when one of their calls is meant. */
  readonly others: () => Promise<Backend>;
}

/** The durable calls of an App that runs in this process. */
export interface RunCalls {
  readonly port: CallsPort;
  /** Cancels the calls that have no outcome yet, since nothing drives them any more, and says which they were. */
  close(): Promise<void>;
}

/** Opens the rows and starts the driver of this run's own calls. */
export async function openRunCalls(options: RunCallsOptions): Promise<RunCalls> {
  const { manifest, environment, engine, onEvent } = options;
  const state = await openState(options.stateDir);
  const partition = runPartition(ownKey(), manifest.name);
  const own = createLocalCalls({
    rows: state.rows,
    environment,
    isAlive,
    route: (ref) => {
      if (manifest.functions[ref.name] !== undefined) return Promise.resolve(partition);
      return Promise.reject(functionNotFound(ref, { known: Object.keys(manifest.functions) }));
    },
    wake: () => {
      driver.wake();
      return Promise.resolve();
    },
  });
  const driver = startCallDriver({
    rows: state.rows,
    environment,
    partition,
    owner: ownKey(),
    isAlive,
    functions: engine.functions,
    retries: (ref) => manifest.functions[ref.name]?.retries,
    settled: own.settled,
    endContainers: engine.endContainersOf,
    onEvent,
  });
  await own.collect();
  /** Calls of deployed Apps, one of this App's name included, have drivers of their own. */
  const portOf = async (callId: string): Promise<CallsPort> =>
    own.partitionOf(callId) === partition ? own : (await options.others()).calls;
  return {
    port: {
      spawn: async (ref, envelope) => (ref.app === manifest.name ? own : (await options.others()).calls).spawn(ref, envelope),
      idOf: own.idOf,
      get: async (callId, params) => (await portOf(callId)).get(callId, params),
      cancel: async (callId, params) => (await portOf(callId)).cancel(callId, params),
      status: own.status,
    },
    async close() {
      const unfinished = await own.endPartition(partition);
      await driver.drain();
      const dropped: { readonly call: string; readonly fn: string }[] = [];
      for (const { callId, ref } of unfinished)
        if ((await own.status(callId)).state === "cancelled") dropped.push({ call: callId, fn: ref.name });
      if (dropped.length > 0)
        onEvent({ code: "CALLS_DROPPED", app: manifest.name, count: dropped.length, calls: dropped.slice(0, DROPPED_CALLS_NAMED) });
      await state.close();
    },
  };
}
