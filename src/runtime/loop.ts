import type { EncodedError, EncodedValue } from "../model/encoded.ts";
import { InputCancelledError, InvalidError } from "../model/errors.ts";
import type { FunctionSpec } from "../model/function-spec.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { inputContext } from "../context/context.ts";
import { decode, encode } from "../wire/codec.ts";
import type { Envelope } from "../wire/envelope.ts";
import { encodeError } from "../wire/error-codec.ts";
import { checkFrameSize } from "../wire/frame.ts";
import { attemptTimeout } from "./errors.ts";
import { RunningInput } from "./input.ts";

/** How long a cancelled body may take to end by itself. */
export const CANCEL_GRACE_MS = 2_000;

/** What a loop runs, and how it reports. */
export interface LoopOptions {
  readonly spec: FunctionSpec;
  /** The user's function. */
  readonly body: (...args: unknown[]) => unknown;
  /** Maps a stack of the bundle to the user's source lines. */
  readonly mapStack?: (stack: string) => string;
  /** Comes before the result of each input. */
  readonly onSettled?: (inputId: string) => void;
  /** The environment can't be trusted any more: a body goes on after its input had its result. */
  readonly onPoisoned: (reason: string) => void;
}

/** Sends one item of a generator; the promise resolves when the next may be made. */
export type ItemSink = (item: EncodedValue) => Promise<void> | undefined;

/** The call loop of one container: the same in every backend. */
export interface Loop {
  /** Runs one input to its result. Never rejects. */
  run(envelope: Envelope, sendItem?: ItemSink): Promise<AttemptResult>;
  /** Aborts an input's signal; it is given {@link CANCEL_GRACE_MS} to end. */
  cancel(inputId: string): void;
  /** Fails one running input, or every one, because of something outside its body. */
  fail(error: unknown, inputId?: string): void;
  /** The inputs that run now. */
  readonly running: ReadonlyMap<string, RunningInput>;
}

/** Makes the loop of one Function. */
export function createLoop(options: LoopOptions): Loop {
  const { spec, onPoisoned, onSettled } = options;
  const running = new Map<string, RunningInput>();
  const errorOptions = options.mapStack === undefined ? {} : { mapStack: options.mapStack };
  const failed = (error: unknown): EncodedError => encodeError(error, errorOptions);
  const watchTimeouts = createTimeoutWatch(running, spec.timeoutMs, (input) => {
    const error = attemptTimeout(spec, input.attempt);
    input.abort(error);
    if (input.settle({ status: "timed-out", error: failed(error) })) onPoisoned("timed out");
  });

  return {
    running,
    run(envelope, sendItem) {
      return new Promise((resolve) => {
        const input = new RunningInput(envelope, Date.now(), (result) => {
          running.delete(envelope.inputId);
          onSettled?.(envelope.inputId);
          resolve(result);
        });
        running.set(envelope.inputId, input);
        watchTimeouts();
        startBody(options, input, envelope, sendItem, (threw, value) => {
          if (!input.settled) input.settle(resultOf(input, threw, value, failed));
        });
      });
    },
    cancel(inputId) {
      const input = running.get(inputId);
      if (input === undefined || input.aborted) return;
      const reason = new InputCancelledError(`Call ${input.callId} of Function "${spec.name}" was cancelled.`);
      input.abort(reason);
      setTimeout(() => {
        if (input.settle({ status: "cancelled", error: failed(reason) })) onPoisoned("went on after it was cancelled");
      }, CANCEL_GRACE_MS).unref();
    },
    fail(error, inputId) {
      const failedInputs = inputId === undefined ? [...running.values()] : [running.get(inputId)];
      for (const input of failedInputs) input?.settle({ status: "failed", error: failed(error) });
    },
  };
}

// --- Internal helpers ---

/** Hears that a body has ended, one way or the other: with its value, or with what it threw. */
type BodyEnd = (threw: boolean, value: unknown) => void;

/** Runs the body inside its input. A body that ends at once has ended when this returns. */
function startBody(
  { body, spec }: LoopOptions,
  input: RunningInput,
  envelope: Envelope,
  sendItem: ItemSink | undefined,
  onEnd: BodyEnd,
): void {
  try {
    const args = decode(envelope.args);
    if (!Array.isArray(args))
      throw new InvalidError(`The arguments of Function "${spec.name}" are ${typeof args}. They must be an array.`, {
        hint: 'Send {"args": […]}.',
      });
    const value = inputContext.run(input, body, ...args);
    const ending = spec.kind === "generator" ? iterate(value, input, spec.name, sendItem) : isThenable(value) ? value : undefined;
    if (ending === undefined) onEnd(false, value);
    else
      ending.then(
        (last) => onEnd(false, last),
        (error: unknown) => onEnd(true, error),
      );
  } catch (error) {
    onEnd(true, error);
  }
}

/** What an input whose body has ended comes to. */
function resultOf(input: RunningInput, threw: boolean, value: unknown, failed: (error: unknown) => EncodedError): AttemptResult {
  const reason = input.cancelReason;
  if (threw) return reason === null ? { status: "failed", error: failed(value) } : { status: "cancelled", error: failed(reason) };
  try {
    const encoded = encode(value, "result");
    checkFrameSize(encoded.text, encoded.parts);
    return { status: "succeeded", value: encoded };
  } catch (error) {
    return { status: "failed", error: failed(error) };
  }
}

/** One timer for all inputs, since they share one timeout. A timer for each would cost more than most calls. */
function createTimeoutWatch(
  running: ReadonlyMap<string, RunningInput>,
  timeoutMs: number,
  expire: (input: RunningInput) => void,
): () => void {
  let timer: NodeJS.Timeout | null = null;
  const check = (): void => {
    timer = null;
    const now = Date.now();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const input of running.values()) {
      const leftMs = input.startedAtMs + timeoutMs - now;
      if (leftMs <= 0) expire(input);
      else nextMs = Math.min(nextMs, leftMs);
    }
    if (nextMs !== Number.POSITIVE_INFINITY) timer = setTimeout(check, nextMs).unref();
  };
  return () => {
    timer ??= setTimeout(check, timeoutMs).unref();
  };
}

async function iterate(value: unknown, input: RunningInput, name: string, sendItem: ItemSink | undefined): Promise<unknown> {
  const iterator = iteratorOf(value, name);
  // The generator's own steps run inside the input too, not only its creation.
  const step = (): unknown => inputContext.run(input, () => iterator.next());
  try {
    for (let index = 0; ; index++) {
      const next = (await step()) as IteratorResult<unknown>;
      if (next.done === true) return next.value;
      if (input.aborted || input.settled)
        throw input.cancelReason ?? new InputCancelledError(`Call ${input.callId} of Function "${name}" was cancelled.`);
      const item = encode(next.value, `item[${index}]`);
      checkFrameSize(item.text, item.parts);
      const wait = sendItem?.(item);
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    // Its `finally` blocks run however it was ended. This does nothing to one that has ended by itself.
    await inputContext.run(input, () => iterator.return?.());
    throw error;
  }
}

function iteratorOf(value: unknown, name: string): AsyncIterator<unknown> | Iterator<unknown> {
  const iterable = value as Partial<AsyncIterable<unknown> & Iterable<unknown>> | null | undefined;
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
  if (iterator === undefined)
    throw new InvalidError(`Function "${name}" is a generator but returned ${typeof value}. It must return an iterator.`, {
      hint: "Write it as `async function* () { … }`.",
    });
  return iterator;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
