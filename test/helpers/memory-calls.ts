import { type CallDriver, startCallDriver } from "../../src/adapters/calls/local-driver.ts";
import { appPartition } from "../../src/adapters/calls/local-partitions.ts";
import { createLocalCalls } from "../../src/adapters/calls/local.ts";
import { functionNotFound } from "../../src/model/function-not-found.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import type { CallsPort } from "../../src/ports/calls.ts";
import type { FunctionsPort } from "../../src/ports/functions.ts";
import type { Rows } from "../../src/util/rows.ts";

/** What durable calls in memory need. */
export interface MemoryCallsParams {
  readonly rows: Rows;
  readonly environment: string;
  readonly manifests: readonly AppManifest[];
  readonly functions: FunctionsPort;
}

/** Durable calls as the local backend has them, over rows in memory, each App with a driver in this process. */
export function createMemoryCalls(params: MemoryCallsParams): CallsPort {
  const { rows, environment, manifests } = params;
  const drivers = new Map<string, CallDriver>();
  const calls = createLocalCalls({
    rows,
    environment,
    isAlive: () => true,
    async route(ref) {
      const known = manifests.find(({ name }) => name === ref.app)?.functions ?? {};
      if (!Object.hasOwn(known, ref.name)) throw functionNotFound(ref, { known: Object.keys(known) });
      return appPartition(ref.app);
    },
    async wake(_, app) {
      driverOf(app).wake();
    },
  });
  const functions = limited(params);
  const driverOf = (app: string): CallDriver => {
    const known = drivers.get(app);
    if (known !== undefined) return known;
    const made = startCallDriver({
      rows,
      environment,
      partition: appPartition(app),
      owner: "memory",
      isAlive: () => true,
      functions,
      retries: (ref) => manifests.find(({ name }) => name === ref.app)?.functions[ref.name]?.retries,
      settled: calls.settled,
    });
    drivers.set(app, made);
    return made;
  };
  return calls;
}

/** No more attempts of a Function at once than it has containers. */
function limited({ functions, manifests }: MemoryCallsParams): FunctionsPort {
  const running = new Map<string, number>();
  const waiting: (() => void)[] = [];
  return {
    stream: functions.stream,
    async invoke(ref, envelope, params) {
      const key = `${ref.app}/${ref.name}`;
      const most = manifests.find(({ name }) => name === ref.app)?.functions[ref.name]?.maxContainers ?? Number.POSITIVE_INFINITY;
      while ((running.get(key) ?? 0) >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      running.set(key, (running.get(key) ?? 0) + 1);
      try {
        return await functions.invoke(ref, envelope, params);
      } finally {
        running.set(key, running.get(key)! - 1);
        for (const wake of waiting.splice(0)) wake();
      }
    },
  };
}
