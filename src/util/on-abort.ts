const groups = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal aborts, at once if it has. Returns what takes it off again.
 *
 * However many listen, the signal itself has one listener: adding and removing its own takes longer the more it has,
 * which a thousand inputs of one `map` would feel.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  let group = groups.get(signal);
  if (group === undefined) {
    const all = new Set<() => void>();
    group = all;
    groups.set(signal, group);
    signal.addEventListener(
      "abort",
      () => {
        for (const each of all) each();
        all.clear();
      },
      { once: true },
    );
  }
  const members = group;
  members.add(listener);
  return () => void members.delete(listener);
}
