import { setMaxListeners } from "node:events";
import { InputCancelledError, type TenonError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import type { InputContext } from "../context/context.ts";
import type { Envelope } from "../wire/envelope.ts";

/** One input while it runs in a container: what its body can ask for, and its one result. */
export class RunningInput implements InputContext {
  readonly callId: string;
  readonly inputId: string;
  readonly attempt: number;
  readonly root: string;
  readonly depth: number;
  readonly deadlineAtMs: number | undefined;
  readonly startedAtMs: number;
  #controller: AbortController | null = null;
  #abortReason: TenonError | null = null;
  #settle: ((result: AttemptResult) => void) | null;

  constructor(envelope: Envelope, startedAtMs: number, settle: (result: AttemptResult) => void) {
    this.callId = envelope.callId;
    this.inputId = envelope.inputId;
    this.attempt = envelope.attempt;
    this.root = envelope.root;
    this.depth = envelope.depth;
    this.deadlineAtMs = envelope.deadline;
    this.startedAtMs = startedAtMs;
    this.#settle = settle;
  }

  /** Made when first asked for: most bodies never use it, and an AbortController costs time. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      // A body may give it to any number of fetches.
      setMaxListeners(0, this.#controller.signal);
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** The first result counts; true when this was it. */
  settle(result: AttemptResult): boolean {
    const settle = this.#settle;
    if (settle === null) return false;
    this.#settle = null;
    settle(result);
    return true;
  }

  get settled(): boolean {
    return this.#settle === null;
  }

  get aborted(): boolean {
    return this.#abortReason !== null;
  }

  /** Why it was cancelled, when it was. */
  get cancelReason(): InputCancelledError | null {
    return this.#abortReason instanceof InputCancelledError ? this.#abortReason : null;
  }

  abort(reason: TenonError): void {
    if (this.#abortReason !== null) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }
}
