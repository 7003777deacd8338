import type { App } from "../../src/sdk/index.ts";
import { registry } from "../../src/context/registry.ts";
import type { EventSink, TenonEvent } from "../../src/ports/events.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";
import type { MemoryBackend } from "../helpers/memory-backend.ts";

/** Runs Apps in a backend in memory, as `app.run()` does, until the returned function is called. */
export function runInMemory(...apps: App[]): { readonly backend: MemoryBackend; readonly events: TenonEvent[]; readonly stop: () => void } {
  const backend = createMemoryBackend(apps.map((app) => ({ manifest: app.toManifest(), functions: app.functions })));
  const events: TenonEvent[] = [];
  const sink: EventSink = (event) => events.push(event);
  const { runs, sinks } = registry();
  for (const { name } of apps) {
    runs.set(name, backend);
    sinks.set(name, sink);
  }
  const stop = (): void => {
    for (const { name } of apps) {
      runs.delete(name);
      sinks.delete(name);
    }
  };
  return { backend, events, stop };
}

/** The error that a promise rejects with. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<Error & { hint?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new TypeError("the promise did not reject");
}
