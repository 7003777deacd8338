import { CallDepthError, FunctionTimeoutError, InputCancelledError, NotFoundError } from "../../src/model/errors.ts";
import type { EncodedValue } from "../../src/model/encoded.ts";
import type { FunctionRef } from "../../src/model/function-spec.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import type { Backend } from "../../src/ports/backend.ts";
import type { FunctionsPort, InvokeParams } from "../../src/ports/functions.ts";
import { inputContext } from "../../src/context/context.ts";
import { createLocalDict } from "../../src/adapters/dict/local.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { attemptTimeout } from "../../src/runtime/errors.ts";
import { createMemoryCalls } from "./memory-calls.ts";
import { createMemoryRows } from "./memory-rows.ts";
import type { Envelope } from "../../src/wire/envelope.ts";
import { encodeError } from "../../src/wire/error-codec.ts";
import { onAbort } from "../../src/util/on-abort.ts";

/** Functions that a memory backend runs, in this process. */
export interface MemoryApp {
  readonly manifest: AppManifest;
  readonly functions: ReadonlyMap<string, { readonly local: unknown }>;
}

/** A backend in memory, with what a test may look at and turn. */
export interface MemoryBackend extends Backend {
  /** Every envelope that came, in order. */
  readonly envelopes: Envelope[];
  /** Inputs that run now, and the most there ever were. */
  readonly load: { now: number; most: number };
  /** Ids of inputs whose cancellation arrived. */
  readonly cancelled: string[];
  /** What comes in the place of running an attempt: given the envelope, or `undefined` to run it. */
  intercept: ((envelope: Envelope) => AttemptResult | undefined) | undefined;
  readonly closed: boolean;
}

/** Runs the Functions of Apps in this process through the real codec: a whole implementation of the ports. */
export function createMemoryBackend(apps: readonly MemoryApp[], environment = "dev"): MemoryBackend {
  const envelopes: Envelope[] = [];
  const load = { now: 0, most: 0 };
  const cancelled: string[] = [];
  const memory = createMemoryRows();
  const dict = createLocalDict({ rows: () => Promise.resolve(memory), environment });
  let closed = false;

  const find = (ref: FunctionRef): { readonly app: MemoryApp; readonly body: (...args: unknown[]) => unknown } => {
    const app = apps.find((each) => each.manifest.name === ref.app);
    const body = app?.functions.get(ref.name)?.local;
    if (app === undefined || typeof body !== "function") throw new NotFoundError(`no Function "${ref.name}" in App "${ref.app}"`);
    return { app, body: body as (...args: unknown[]) => unknown };
  };

  const enter = (ref: FunctionRef, envelope: Envelope, params: InvokeParams | undefined) => {
    const { app, body } = find(ref);
    if (envelope.depth > app.manifest.maxCallDepth) throw new CallDepthError("too deep");
    envelopes.push(envelope);
    const controller = new AbortController();
    const cancel = (): void => {
      cancelled.push(envelope.inputId);
      controller.abort(new InputCancelledError(`input ${envelope.inputId} was cancelled`));
    };
    const off = params?.signal === undefined ? undefined : onAbort(params.signal, cancel);
    const spec = app.manifest.functions[ref.name]!;
    const timer = setTimeout(() => controller.abort(attemptTimeout(spec, envelope.attempt)), spec.timeoutMs).unref();
    load.now++;
    load.most = Math.max(load.most, load.now);
    return {
      body,
      signal: controller.signal,
      context: {
        callId: envelope.callId,
        inputId: envelope.inputId,
        attempt: envelope.attempt,
        signal: controller.signal,
        root: envelope.root,
        depth: envelope.depth,
        deadlineAtMs: envelope.deadline,
      },
      args: decode(envelope.args) as unknown[],
      leave: (): void => {
        load.now--;
        clearTimeout(timer);
        off?.();
      },
    };
  };

  const invoke = async (ref: FunctionRef, envelope: Envelope, params?: InvokeParams): Promise<AttemptResult> => {
    const input = enter(ref, envelope, params);
    try {
      const early = intercepted(envelope);
      if (early !== undefined) return early;
      const aborted = new Promise<never>((_, reject) => input.signal.addEventListener("abort", () => reject(input.signal.reason as Error)));
      input.signal.throwIfAborted();
      const value = await inputContext.run(input.context, () => Promise.race([aborted, (async () => input.body(...input.args))()]));
      return { status: "succeeded", value: encode(value, "result") };
    } catch (error) {
      const status = !input.signal.aborted ? "failed" : input.signal.reason instanceof FunctionTimeoutError ? "timed-out" : "cancelled";
      return { status, error: encodeError(error) };
    } finally {
      input.leave();
    }
  };
  const intercepted = (envelope: Envelope): AttemptResult | undefined => backend.intercept?.(envelope);

  const functions: FunctionsPort = {
    invoke,
    async *stream(ref, envelope, params): AsyncGenerator<EncodedValue, AttemptResult, void> {
      const input = enter(ref, envelope, params);
      try {
        const early = intercepted(envelope);
        if (early !== undefined) return early;
        const items = input.body(...input.args) as AsyncGenerator<unknown>;
        try {
          let step = await inputContext.run(input.context, () => items.next());
          while (step.done !== true) {
            yield encode(step.value);
            step = await inputContext.run(input.context, () => items.next());
          }
          return { status: "succeeded", value: encode(step.value) };
        } finally {
          await items.return(undefined);
        }
      } catch (error) {
        return { status: "failed", error: encodeError(error) };
      } finally {
        input.leave();
      }
    },
  };

  const backend: MemoryBackend = {
    kind: "local",
    environment,
    envelopes,
    load,
    cancelled,
    intercept: undefined,
    get closed() {
      return closed;
    },
    functions,
    calls: createMemoryCalls({ rows: memory, environment, manifests: apps.map(({ manifest }) => manifest), functions }),
    apps: {
      async manifest(name) {
        const app = apps.find((each) => each.manifest.name === name);
        if (app === undefined) throw new NotFoundError(`no App "${name}"`);
        return app.manifest;
      },
      list: async () => [],
      stop: async () => ({ stopped: [], goesOn: [] }),
      async *logs() {
        // Nothing is logged in memory.
      },
    },
    objects: { dict },
    close: async () => {
      closed = true;
    },
  };
  return backend;
}
