/**
 * Calls back when a signal aborts, for many callers of one signal: an EventTarget looks through all its listeners
 * whenever one is added, which a thousand inputs of one `map` would feel.
 */
export interface AbortGroup {
  /** Calls `onAbort` when the signal aborts, until the returned function is called. The signal has not aborted yet. */
  watch(signal: AbortSignal, onAbort: () => void): () => void;
}

/** Makes a group; signals are held weakly. */
export function createAbortGroup(): AbortGroup {
  const groups = new WeakMap<AbortSignal, Set<() => void>>();
  return {
    watch(signal, onAbort) {
      let group = groups.get(signal);
      if (group === undefined) {
        const made = new Set<() => void>();
        group = made;
        groups.set(signal, made);
        signal.addEventListener(
          "abort",
          () => {
            for (const each of [...made]) each();
          },
          { once: true },
        );
      }
      const watchers = group;
      watchers.add(onAbort);
      return () => watchers.delete(onAbort);
    },
  };
}
