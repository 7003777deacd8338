/** Most inputs of one `map` that are under way or whose results wait to be taken. */
export const MAX_MAP_WINDOW = 1_000;

/**
 * How many inputs of one `map` may be under way: from the first on as many as there are at most, or few at first where the
 * backend says so. Each one that comes back makes room for two; a refusal halves the room.
 */
export class MapWindow {
  readonly #most: number;
  #size: number;

  /** Begins with `first` inputs under way, and never has more than `most`. */
  constructor(first: number = MAX_MAP_WINDOW, most: number = MAX_MAP_WINDOW) {
    this.#most = most;
    this.#size = Math.min(first, most);
  }

  /** Whether one more may start. `waiting` counts the inputs whose results have not been taken, `running` those without one. */
  hasRoom(waiting: number, running: number): boolean {
    return waiting < MAX_MAP_WINDOW && running < this.#size;
  }

  /** Whether it is the inputs under way that leave no room, and not the results that nobody has taken. */
  get isNarrow(): boolean {
    return this.#size < MAX_MAP_WINDOW;
  }

  /** An input has come back. */
  widen(): void {
    if (this.#size < this.#most) this.#size++;
  }

  /** The platform had no room for an input. */
  narrow(): void {
    this.#size = Math.max(1, this.#size >> 1);
  }
}
