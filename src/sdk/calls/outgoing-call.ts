import { setTimeout as sleep } from "node:timers/promises";
import { inputContext } from "../../context/context.ts";
import { registry } from "../../context/registry.ts";
import { CallDepthError } from "../../model/errors.ts";
import { newCallId, newInputId } from "../../model/ids.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { InvokeParams } from "../../ports/functions.ts";
import { encode } from "../../wire/codec.ts";
import { ENVELOPE_VERSION } from "../../wire/envelope.ts";
import type { Envelope, Origin } from "../../wire/envelope.ts";
import type { CallSettings } from "./call-types.ts";
import { watchCall } from "./call-watch.ts";
import type { CallWatch } from "./call-watch.ts";
import type { CallPlace } from "./target.ts";

/**
 * One call on its way from this process, whichever method makes it: what its inputs have in common, and who may end it
 * early. The inputs of a `map` are one call.
 */
export class OutgoingCall {
  readonly place: CallPlace;
  readonly callId: string;
  readonly root: string;
  readonly depth: number;
  readonly parent: string | undefined;
  /** Epoch milliseconds after which nobody waits for the outcome. */
  readonly deadline: number | undefined;
  /** What the backend is given with each attempt. */
  params: InvokeParams | undefined;
  #watch: CallWatch | undefined;

  /**
   * A call made here and now: inside a body it continues that input's tree and keeps the earlier of both deadlines. Throws
   * `CallDepthError` deeper than the App allows.
   */
  constructor(place: CallPlace, settings: CallSettings | undefined) {
    const callId = settings?.callId ?? newCallId();
    const deadline = settings?.timeoutMs === undefined ? undefined : Date.now() + settings.timeoutMs;
    const caller = inputContext.getStore();
    this.place = place;
    this.callId = callId;
    if (caller === undefined) {
      this.root = callId;
      this.depth = 0;
      this.parent = undefined;
      this.deadline = deadline;
    } else {
      this.root = caller.root;
      this.depth = checkDepth(place, caller.depth + 1);
      this.parent = caller.inputId;
      this.deadline = earlier(deadline, caller.deadlineAtMs);
    }
    this.params = undefined;
  }

  /** The envelope of the first attempt of a new input. Throws `SerializationError` for arguments that can't be sent. */
  envelope(args: readonly unknown[]): Envelope {
    const { callId, root, depth, parent, deadline } = this;
    const inputId = newInputId();
    const encoded = encode(args, "args");
    if (parent === undefined && deadline === undefined)
      return { v: ENVELOPE_VERSION, callId, inputId, attempt: 1, args: encoded, root, depth };
    return {
      v: ENVELOPE_VERSION,
      callId,
      inputId,
      attempt: 1,
      args: encoded,
      root,
      depth,
      ...(parent === undefined ? undefined : { parent, ...originOf() }),
      ...(deadline === undefined ? undefined : { deadline }),
    };
  }

  /** Lets the call end with the input that makes it, and nothing else: the backend hears of that end. */
  followCaller(): void {
    const signal = inputContext.getStore()?.signal;
    if (signal !== undefined) this.params = { signal };
  }

  /**
   * Lets the call end with the input that makes it, when the caller's signal aborts, and when its time is over. `onEarly`
   * hears of that end before the backend does. Needs {@link OutgoingCall.end}.
   */
  watch(settings: CallSettings, onEarly?: (error: Error) => void): void {
    this.#watch = watchCall(this.callId, settings, inputContext.getStore()?.signal, onEarly);
    this.params = this.#watch;
  }

  /** The error of a watched call that has ended early. */
  get early(): Error | undefined {
    return this.#watch?.error();
  }

  /** Runs one attempt. */
  invoke(envelope: Envelope): Promise<AttemptResult> {
    const { backend, ref } = this.place;
    return backend.functions.invoke(ref, envelope, this.params);
  }

  /** Waits for a promise, but not longer than a watched call is wanted. One at a time. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return this.#watch === undefined ? promise : this.#watch.guard(promise);
  }

  /** Waits so long between two attempts; an abort ends the wait. */
  async pause(delayMs: number): Promise<void> {
    if (delayMs <= 0) return;
    const signal = this.params?.signal;
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }

  /** Tells the run's sink that an attempt is followed by another, `delayMs` later. */
  report(result: AttemptResult, attempt: number, delayMs: number): void {
    const { sink, ref } = this.place;
    if (sink === undefined) return;
    const at = { app: ref.app, fn: ref.name, call: this.callId };
    if (result.status === "lost") sink({ code: "INPUT_LOST", ...at, reason: result.reason });
    else if (result.status === "failed" || result.status === "timed-out")
      sink({ code: "INPUT_RETRIED", ...at, attempt, delayMs, error: `${result.error.className}: ${result.error.message}` });
  }

  /** Tells the backend that nobody wants a watched call any more. */
  cancel(): void {
    this.#watch?.cancel();
  }

  /** Gives back the timer and the listeners of a watched call. */
  end(): void {
    this.#watch?.end();
  }
}

// --- Internal helpers ---

function checkDepth({ ref, maxCallDepth }: CallPlace, depth: number): number {
  if (depth <= maxCallDepth) return depth;
  throw new CallDepthError(`Calls nest ${depth} deep at Function "${ref.name}" of App "${ref.app}". The App allows ${maxCallDepth}.`, {
    hint: "Look for a Function that calls itself for ever, or raise maxCallDepth of the App.",
  });
}

function earlier(own: number | undefined, callers: number | undefined): number | undefined {
  if (own === undefined) return callers;
  return callers === undefined ? own : Math.min(own, callers);
}

/** The App that calls, as far as a container knows its own. */
function originOf(): { readonly origin: Origin } | undefined {
  const { containerApp: app, containerVersion: version } = registry();
  return app === undefined || version === undefined ? undefined : { origin: { app, version } };
}
