/** An input that has come and has not started. */
export interface WaitingInput {
  readonly seq: number;
  /** Epoch milliseconds after which it is given back instead of started; 0 for never. */
  readonly startBeforeMs: number;
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** The inputs that wait inside a container. The engine can take each of them back. */
export interface InputQueue {
  /** Takes the head of an input's frame: `startBeforeMs|envelope`. */
  add(seq: number, head: string, parts: readonly Uint8Array[]): void;
  /** The next one that may still start. */
  next(): WaitingInput | undefined;
  /** Gives an input back; `false` when it does not wait here. */
  giveBack(seq: number): boolean;
  /** Gives back all that wait, and from now on all that come. */
  close(): void;
}

/** Makes the queue; `onReturned` tells the engine that an input went back. */
export function createInputQueue(onReturned: (seq: number) => void): InputQueue {
  const waiting: WaitingInput[] = [];
  let closed = false;
  return {
    add(seq, head, parts) {
      if (closed) return onReturned(seq);
      const bar = head.indexOf("|");
      waiting.push({ seq, startBeforeMs: Number(head.slice(0, bar)), text: head.slice(bar + 1), parts });
    },
    next() {
      for (;;) {
        const next = waiting.shift();
        if (next === undefined || next.startBeforeMs === 0 || Date.now() <= next.startBeforeMs) return next;
        onReturned(next.seq);
      }
    },
    giveBack(seq) {
      const index = waiting.findIndex((one) => one.seq === seq);
      if (index < 0) return false;
      waiting.splice(index, 1);
      onReturned(seq);
      return true;
    },
    close() {
      closed = true;
      for (const { seq } of waiting.splice(0)) onReturned(seq);
    },
  };
}
