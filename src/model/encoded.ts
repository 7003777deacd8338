/**
 * A value as it travels: text, with the bytes it holds beside it.
 *
 * `json` text is plain JSON. `devalue` text also keeps Dates, Maps, Sets, BigInt, typed arrays, `undefined`,
 * cycles and handles; each typed array in it is an index into `parts`.
 */
export interface EncodedValue {
  readonly codec: "json" | "devalue";
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** An error as it travels. Plain data: it goes into JSON as it is. */
export interface EncodedError {
  /** The constructor's name, such as `TypeError` or `PaymentDeclined`. */
  readonly className: string;
  /** The module that declares its class, when the bundle knows it: `src/errors.ts`, `npm:zod@4.1.0/v4/core/errors.js`. */
  readonly module?: string;
  /** Its `name`, when that is not the class's. */
  readonly name?: string;
  readonly message: string;
  /** The sender's stack, already mapped to the user's source lines. */
  readonly stack?: string;
  /** A Tenon error's code, such as `FUNCTION_TIMEOUT`. */
  readonly code?: string;
  /** The error's own enumerable fields, other than the ones above; bytes in them are inside the text, so `parts` is empty. */
  readonly fields?: EncodedValue;
  /** What it was caused by: another error, or any other value. */
  readonly cause?: EncodedError | EncodedValue;
  /** The members of an AggregateError. */
  readonly errors?: readonly EncodedError[];
}
