/** How many items a generator may still make before its consumer has taken some. */
export interface Credit {
  /** Uses one; a promise when the maker must wait for more. */
  take(): Promise<void> | undefined;
  give(count: number): void;
  /** Never waits again: the consumer is gone and the maker must see that. */
  open(): void;
}

/** Makes a credit of `window` items. */
export function createCredit(window: number): Credit {
  let left = window;
  let wake: (() => void) | null = null;
  return {
    take() {
      left--;
      if (left > 0) return undefined;
      return new Promise((resolve) => {
        wake = resolve;
      });
    },
    give(count) {
      left += count;
      if (left <= 0 || wake === null) return;
      const resume = wake;
      wake = null;
      resume();
    },
    open() {
      this.give(Number.MAX_SAFE_INTEGER / 2);
    },
  };
}
