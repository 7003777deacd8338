import { AsyncLocalStorage } from "node:async_hooks";
import { registry } from "./registry.ts";

/** The input whose body runs now, as the loop of its container knows it. */
export interface InputContext {
  readonly callId: string;
  readonly inputId: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Aborts when the input is cancelled or its attempt runs out of time. */
  readonly signal: AbortSignal;
  /** The call at the top of the tree. */
  readonly root: string;
  /** 0 for a call from outside. */
  readonly depth: number;
  /** Epoch milliseconds after which nobody waits for the outcome. */
  readonly deadlineAtMs?: number | undefined;
}

/** Holds the context of the running input; the container's loop runs each body in it. */
export const inputContext = new AsyncLocalStorage<InputContext>();

/** Whether this code runs outside a container: `true` in a script, a test or the CLI, `false` inside a Function. */
export function isLocal(): boolean {
  return registry().role === "local";
}

/** The id of the input whose body runs now (`in-…`); `undefined` outside a Function. */
export function currentInputId(): string | undefined {
  return inputContext.getStore()?.inputId;
}

/** The id of the call whose body runs now (`fc-…`); `undefined` outside a Function. */
export function currentFunctionCallId(): string | undefined {
  return inputContext.getStore()?.callId;
}

/** Which attempt of its call runs now, 1 for the first; `undefined` outside a Function. */
export function currentAttempt(): number | undefined {
  return inputContext.getStore()?.attempt;
}

let neverAborted: AbortSignal | undefined;

/**
 * The signal of the input whose body runs now: it aborts when the input is cancelled or runs out of time. Outside
 * a Function it is one that never aborts, so that a body also works when called by `local`.
 *
 * @example
 * import { App, currentInputSignal } from "tenon";
 *
 * const app = new App("pages");
 *
 * export const size = app.function("size", async (url: string) => {
 *   const page = await fetch(url, { signal: currentInputSignal() });
 *   return (await page.text()).length;
 * });
 */
export function currentInputSignal(): AbortSignal {
  return inputContext.getStore()?.signal ?? (neverAborted ??= new AbortController().signal);
}
