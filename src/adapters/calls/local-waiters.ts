import { setTimeout as sleep } from "node:timers/promises";

/** Those in this process who wait for calls. */
export class CallWaiters {
  readonly #waiting: Map<string, Set<() => void>> = new Map();

  /** Tells those who wait for a call that it has its outcome. */
  tell(callId: string): void {
    for (const wake of this.#waiting.get(callId) ?? []) wake();
  }

  /** Waits for word of a call from a driver in this process, at most so long. */
  async pause(callId: string, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const waker = new AbortController();
    const wake = (): void => waker.abort();
    const wakers = this.#waiting.get(callId) ?? new Set();
    this.#waiting.set(callId, wakers.add(wake));
    signal?.addEventListener("abort", wake, { once: true });
    try {
      await sleep(ms, undefined, { signal: waker.signal }).catch(() => {});
    } finally {
      signal?.removeEventListener("abort", wake);
      wakers.delete(wake);
      if (wakers.size === 0) this.#waiting.delete(callId);
    }
  }
}
