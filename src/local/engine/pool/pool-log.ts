import type { AttemptResult } from "../../../model/outcome.ts";
import type { EventSink } from "../../../ports/events.ts";
import { attemptLine } from "../../../wire/attempt-line.ts";
import type { Envelope } from "../../../wire/envelope.ts";
import type { ContainerLine } from "../container/container-line.ts";

/** Whose containers report. */
export interface PoolLogParams {
  readonly app: string;
  readonly fn: string;
  readonly version: string;
  readonly onEvent: EventSink;
}

/** What the containers of a Function tell the outside. */
export class PoolLog {
  readonly #params: PoolLogParams;

  constructor(params: PoolLogParams) {
    this.#params = params;
  }

  started(container: string): void {
    const { app, fn, onEvent } = this.#params;
    onEvent({ code: "CONTAINER_STARTED", app, fn, container });
  }

  ended(container: string, reason: string): void {
    const { app, fn, onEvent } = this.#params;
    onEvent({ code: "CONTAINER_ENDED", app, fn, container, reason });
  }

  /** Of an attempt that went well it says nothing. */
  attempt(container: string, { callId: call, inputId: input, attempt }: Envelope, result: AttemptResult): void {
    const text = attemptLine(result, attempt);
    if (text === null) return;
    const { app, fn, onEvent } = this.#params;
    onEvent({ code: "ATTEMPT_FAILED", app, fn, container, call, input, attempt, text });
  }

  line(container: string, { stream, text, origin }: ContainerLine): void {
    const { app, fn, version, onEvent } = this.#params;
    onEvent({ code: "LOG", record: { t: Date.now(), stream, text, app, fn, ...origin, container, version } });
  }
}
