import { registry } from "../../../context/registry.ts";
import { InvalidError, TenonError } from "../../../model/errors.ts";
import type { AttemptResult, Outcome } from "../../../model/outcome.ts";
import { showValue } from "../../../util/show-value.ts";
import { decode } from "../../../wire/codec.ts";
import type { Envelope } from "../../../wire/envelope.ts";
import { decodeError } from "../../../wire/error-codec.ts";
import { goesBySpawn, outcomeBySpawn, ownCall } from "../by-spawn.ts";
import type { CallSettings } from "../call-types.ts";
import { followAttempts } from "../follow-attempts.ts";
import { OutgoingCall } from "../outgoing-call.ts";
import { refuseKind } from "../target.ts";
import type { CallPlace, CallTarget } from "../target.ts";
import { InputPump } from "./input-pump.ts";
import { createProgress } from "./map-progress.ts";
import type { MapProgress } from "./map-progress.ts";
import { MapWindow } from "./map-window.ts";
import { Failed, ResultQueue } from "./result-queue.ts";

/** What a `map` is to do. */
export interface MapPlan {
  readonly target: CallTarget;
  readonly settings: CallSettings | undefined;
  readonly inputs: Iterable<unknown> | AsyncIterable<unknown>;
  /** Whether each input is a list of arguments. */
  readonly spread: boolean;
  readonly ordered: boolean;
  readonly returnExceptions: boolean;
  /** The method's name, for messages. */
  readonly method: string;
}

/** One `map` on its way: takes inputs as there is room, gives results as they are asked for. */
export class MapRun implements AsyncIterator<unknown> {
  readonly #plan: MapPlan;
  readonly #results: ResultQueue;
  #window = new MapWindow();
  #call: OutgoingCall | undefined;
  #inputs: InputPump | undefined;
  #progress: MapProgress | undefined;
  #bySpawn = false;
  #began = false;
  #ended = false;
  #started = 0;

  constructor(plan: MapPlan) {
    this.#plan = plan;
    this.#results = new ResultQueue({
      ordered: plan.ordered,
      returnExceptions: plan.returnExceptions,
      onTaken: () => this.#pump(),
      onEnd: () => void this.#end(),
    });
  }

  next(): Promise<IteratorResult<unknown>> {
    if (!this.#began) this.#begin();
    return this.#results.next();
  }

  /** Cancels what is outstanding and closes the input iterator. */
  async return(): Promise<IteratorResult<unknown>> {
    const closing = this.#end();
    this.#results.close();
    await closing;
    return { value: undefined, done: true };
  }

  #begin(): void {
    this.#began = true;
    try {
      const place = this.#plan.target.place();
      if (place instanceof Promise) place.then((found) => this.#open(found)).catch((error: unknown) => this.#fail(error));
      else this.#open(place);
    } catch (error) {
      this.#fail(error);
    }
  }

  #open(place: CallPlace): void {
    if (this.#ended) return;
    const { inputs, method, settings = {} } = this.#plan;
    refuseKind(place, "function", method);
    const call = new OutgoingCall(place, settings);
    this.#call = call;
    this.#bySpawn = goesBySpawn(place);
    this.#window = windowOf(place);
    this.#progress = createProgress(place, call.callId, inputs);
    call.watch(settings, (error) => this.#fail(error));
    if (call.early !== undefined) return this.#fail(call.early);
    this.#inputs = new InputPump({
      inputs,
      hasRoom: () => this.#window.hasRoom(this.#started - this.#results.given, this.#started - this.#results.settled),
      onInput: (input) => this.#start(call, input),
      onDone: (failure) => this.#inputsDone(failure),
    });
    this.#pump();
  }

  #pump(): void {
    this.#inputs?.pump();
    this.#results.deliver();
  }

  /** An error of the input iterator comes after the results of the inputs before it, where these have an order. */
  #inputsDone(failure: { readonly error: unknown } | undefined): void {
    if (failure !== undefined && !this.#plan.ordered) return this.#fail(failure.error);
    this.#progress?.total(this.#started);
    this.#results.finish(this.#started, failure);
  }

  #start(call: OutgoingCall, input: unknown): void {
    const index = this.#started++;
    let envelope: Envelope;
    try {
      envelope = call.envelope(this.#plan.spread ? tuple(input, index) : [input]);
    } catch (error) {
      return this.#settle(index, new Failed(error as Error, false));
    }
    if (this.#bySpawn) return this.#settleWith(index, outcomeBySpawn(call, ownCall(envelope), resultOf));
    call.invoke(envelope).then(
      (result) => this.#finish(call, index, envelope, result),
      (error: unknown) => this.#settle(index, failureOf(error)),
    );
  }

  #finish(call: OutgoingCall, index: number, envelope: Envelope, result: AttemptResult): void {
    if (this.#ended) return;
    if (result.status === "not-started" && call.place.backend.functions.farCaller !== undefined) this.#window.narrow();
    if (result.status !== "not-started") call.note(result);
    if (result.status === "succeeded") this.#settle(index, resultOf(result));
    else this.#settleWith(index, followAttempts(call, envelope, result, resultOf));
  }

  #settleWith(index: number, result: Promise<unknown>): void {
    result.then(
      (value) => this.#settle(index, value),
      (error: unknown) => this.#settle(index, failureOf(error)),
    );
  }

  #settle(index: number, value: unknown): void {
    if (this.#ended) return;
    this.#window.widen();
    this.#progress?.step(value instanceof Failed);
    this.#results.put(index, value);
    // Here, and not only when a result is taken: room has come that nobody has to take anything for.
    if (this.#window.isNarrow) this.#pump();
  }

  /** Ends with an error that belongs to no result: it is given next. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    void this.#end();
    this.#results.fail(error);
  }

  #end(): Promise<unknown> | undefined {
    this.#began = true;
    if (this.#ended) return undefined;
    this.#ended = true;
    this.#call?.end();
    if (this.#results.settled < this.#started) this.#call?.cancel();
    this.#progress?.finish();
    this.#results.end();
    return this.#inputs?.close();
  }
}

// --- Internal helpers ---

function windowOf({ backend }: CallPlace): MapWindow {
  const { farCaller } = backend.functions;
  return new MapWindow(farCaller?.firstWindow, registry().role === "container" ? farCaller?.containerWindow : undefined);
}

function tuple(input: unknown, index: number): readonly unknown[] {
  if (Array.isArray(input)) return input;
  throw new InvalidError(`Input ${index} of starmap is ${showValue(input)}. It must be an array of arguments.`, {
    hint: "Use map for a Function that takes one argument.",
  });
}

/** What an outcome gives to the consumer. A cancelled input has no result that a failure could stand for: it ends the map. */
function resultOf(outcome: Outcome): unknown {
  try {
    if (outcome.status === "succeeded") return decode(outcome.value);
    return new Failed(decodeError(outcome.error), outcome.status === "cancelled");
  } catch (error) {
    return new Failed(error as Error, false);
  }
}

/** An input that has no outcome. Where it was cancelled, or its backend is closed, no other one will have any. */
function failureOf(error: unknown): Failed {
  const code = TenonError.is(error) ? error.code : undefined;
  return new Failed(error as Error, code === "INPUT_CANCELLED" || code === "CLIENT_CLOSED");
}
