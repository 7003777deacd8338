import { setTimeout as sleep } from "node:timers/promises";
import { dispatcherName, functionName, inputQueue } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { StoppedApp } from "../../ports/apps.ts";
import type { AppControlApi } from "../aws/app-control.ts";
import { readAwsFailure } from "../aws/failures.ts";

/** An App on AWS, as far as it is turned off and on. */
export interface SwitchedApp {
  readonly environment: string;
  readonly manifest: AppManifest;
}

/**
 * Turns an App off: Lambda starts none of its functions, the dispatcher's among them, and takes nothing from their queues.
 * What is queued stays where it is, and what runs goes on to its end: Lambda ends no invocation.
 */
export async function turnOff(api: AppControlApi, app: SwitchedApp): Promise<StoppedApp> {
  const { functions, dispatcher, fed } = partsOf(app);
  // The dispatcher first: what was turned off by half is off. Messages that meet a function without environments come back to
  // their queue, so the sources may follow.
  await api.reserve(dispatcher, 0);
  await each(functions, (name) => api.reserve(name, 0));
  const sources = (await each([...fed, dispatcher], (name) => api.sources(name))).flat();
  await each(sources, (source) => enable(api, source, false));
  return {
    stopped: [
      `${count(functions.length, "Function")} and the dispatcher: Lambda starts none of them (reserved concurrency 0)`,
      `${count(sources.length, "event source")}: no message is taken from a queue`,
    ],
    goesOn: [
      "calls that run, to their end or their timeoutMs: Lambda ends no invocation",
      "the queue: calls that are spawned, or have not ended, wait until the App is deployed again",
    ],
  };
}

/**
 * Turns an App on again that was turned off. `reserved` are the environments that its template reserves, by the function's
 * name.
 */
export async function turnOn(api: AppControlApi, app: SwitchedApp, reserved: ReadonlyMap<string, number>): Promise<void> {
  const { functions, dispatcher, fed } = partsOf(app);
  await each(functions, (name) => api.reserve(name, reserved.get(name) ?? null));
  const sources = (await each([...fed, dispatcher], (name) => api.sources(name))).flat();
  await each(sources, (source) => enable(api, source, true));
  // Last: what was turned on by half is off.
  await api.reserve(dispatcher, reserved.get(dispatcher) ?? null);
}

/** Whether an App is turned off. Its dispatcher says so: no App reserves 0 for that by itself. */
export async function isOff(api: AppControlApi, environment: string, app: string): Promise<boolean> {
  return (await api.reserved(dispatcherName(environment, app))) === 0;
}

// --- Internal helpers ---

/** Functions that are worked on at a time. */
const AT_ONCE = 5;
/** How long a source is waited for that Lambda is making or changing. */
const BUSY_MS = 90_000;
const BUSY_PAUSE_MS = 1_000;

/** The names of its Lambda functions; `fed` are those with a queue of their own. */
function partsOf({ environment, manifest: { name: app, functions } }: SwitchedApp) {
  const specs = Object.values(functions);
  const nameOf = ({ name }: { readonly name: string }): string => functionName(environment, app, name);
  return {
    functions: specs.map(nameOf),
    fed: specs.filter((spec) => inputQueue(environment, app, spec) !== undefined).map(nameOf),
    dispatcher: dispatcherName(environment, app),
  };
}

async function enable(api: AppControlApi, source: string, on: boolean): Promise<void> {
  const endsAtMs = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return await api.enable(source, on);
    } catch (thrown) {
      const { error } = readAwsFailure(thrown);
      const isBusy = error.name === "ResourceInUseException" || error.name === "ResourceConflictException";
      if (!isBusy || performance.now() > endsAtMs) throw error;
      await sleep(BUSY_PAUSE_MS);
    }
  }
}

async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let i = 0; i < items.length; i += AT_ONCE) done.push(...(await Promise.all(items.slice(i, i + AT_ONCE).map(work))));
  return done;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
