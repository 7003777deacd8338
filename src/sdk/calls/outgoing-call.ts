import { setTimeout as sleep } from "node:timers/promises";
import { inputContext } from "../../context/context.ts";
import type { InputContext } from "../../context/context.ts";
import { registry } from "../../context/registry.ts";
import { CallDepthError } from "../../model/errors.ts";
import { newCallId, newInputId } from "../../model/ids.ts";
import type { AttemptResult, Refusal } from "../../model/outcome.ts";
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
  /** The input whose body makes the call. */
  readonly caller: InputContext | undefined;
  /** Epoch milliseconds after which nobody waits for the outcome. */
  readonly deadline: number | undefined;
  #watch: CallWatch | undefined;
  /** `null` once anything else than refusals came. */
  #refusal: Refusal | null | undefined;

  /**
   * A call made here and now: inside a body it continues that input's tree and keeps the earlier of both deadlines. Throws
   * `CallDepthError` deeper than the App allows.
   */
  constructor(place: CallPlace, settings: CallSettings | undefined) {
    const caller = inputContext.getStore();
    const deadline = settings?.timeoutMs === undefined ? undefined : Date.now() + settings.timeoutMs;
    if (caller !== undefined) checkDepth(place, depthBelow(caller));
    this.place = place;
    this.callId = settings?.callId ?? newCallId();
    this.caller = caller;
    this.deadline = earlier(deadline, caller?.deadlineAtMs);
  }

  /** The envelope of the first attempt of a new input. Throws `SerializationError` for arguments that can't be sent. */
  envelope(args: readonly unknown[]): Envelope {
    const { callId, caller, deadline } = this;
    const inputId = newInputId();
    const encoded = encode(args, "args");
    if (caller === undefined && deadline === undefined)
      return { v: ENVELOPE_VERSION, callId, inputId, attempt: 1, args: encoded, root: callId, depth: 0 };
    return {
      v: ENVELOPE_VERSION,
      callId,
      inputId,
      attempt: 1,
      args: encoded,
      root: caller?.root ?? callId,
      depth: caller === undefined ? 0 : depthBelow(caller),
      ...(caller === undefined ? undefined : { parent: caller.inputId, ...originOf() }),
      ...(deadline === undefined ? undefined : { deadline }),
    };
  }

  /**
   * Has the caller told at once when the call ends early: by the end of the input that makes it, by the signal of the
   * settings, or when their time is over. `onEarly` hears of it before the backend does. Needs {@link OutgoingCall.end}.
   */
  watch(settings: CallSettings, onEarly?: (error: Error) => void): void {
    this.#watch = watchCall(this.callId, settings, this.caller?.signal, { onEarly, refusal: () => this.refusal });
  }

  /** Aborts when nobody wants the call any more: for one that is not watched, with the input that makes it. */
  get signal(): AbortSignal | undefined {
    return this.#watch === undefined ? this.caller?.signal : this.#watch.signal;
  }

  /** Why nothing of the call has started, when nothing but refusals came. */
  get refusal(): Refusal | undefined {
    return this.#refusal ?? undefined;
  }

  /** What the backend is given with each attempt. */
  get params(): InvokeParams | undefined {
    if (this.#watch !== undefined) return this.#watch;
    return this.caller === undefined ? undefined : { signal: this.caller.signal };
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
    const { signal } = this;
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }

  /** Notes how an attempt ended, for {@link OutgoingCall.refusal}. */
  note(result: AttemptResult): void {
    this.#refusal = result.status === "not-started" && this.#refusal !== null ? (result.refusal ?? null) : null;
  }

  /** Notes an attempt that is followed by another, `delayMs` later, and tells the run's sink of it. */
  report(result: AttemptResult, attempt: number, delayMs: number): void {
    this.note(result);
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

function depthBelow(caller: InputContext): number {
  return caller.depth + 1;
}

function checkDepth({ ref, maxCallDepth }: CallPlace, depth: number): void {
  if (depth <= maxCallDepth) return;
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
