/** Any function that an App can hold: one that needs no `this`. */
export type AnyFunction = (this: void, ...args: never[]) => unknown;

declare const refused: unique symbol;

/** Stands where a method can't be used on this Function; its parameter is the reason, for the compiler's message. */
export interface Unusable<Reason extends string> {
  readonly [refused]: Reason;
}

/** The function that a handle, or a function itself, stands for. */
export type FunctionOf<T> = T extends AnyFunction ? T : T extends HandleOf<infer F> ? F : never;

/** What {@link FunctionOf} reads a handle's function from. */
export interface HandleOf<F extends AnyFunction> {
  /** Never present: it only carries the function's type. */
  readonly "~function"?: F;
}

/** Settings of one call, or of every input of one `map`. */
export interface CallSettings {
  /** Cancels the call when it aborts: it rejects at once with `InputCancelledError`, whose `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the call to its outcome, retries included; then it is cancelled and rejects with `OutputTimeoutError`. At least 1. */
  readonly timeoutMs?: number | undefined;
  /**
   * The caller's own id for the call, its idempotency key for `spawn`: 1 to 128 letters, digits and `- _ . :`. Each
   * Function has ids of its own. The same id and the same arguments are the same call; `spawn` rejects with
   * `AlreadyExistsError` for other arguments.
   */
  readonly callId?: string | undefined;
}

/** What a call of the function gives, waited for: its result, or the returned value of a generator. */
export type ResultOf<F extends AnyFunction> = F extends (...args: Parameters<F>) => infer R ? Awaited<R> : unknown;

/** `remote` of a function: its own type when it is async, else the same with a Promise around the result. */
export type RemoteOf<F extends AnyFunction> =
  KindOf<F> extends "generator"
    ? Unusable<"A generator is called by remoteGen.">
    : KindOf<F> extends "async"
      ? F
      : (...args: Parameters<F>) => Promise<ResultOf<F>>;

/** `remoteGen` of a generator: an async generator of the same items. */
export type RemoteGenOf<F extends AnyFunction> =
  KindOf<F> extends "generator"
    ? Returned<F> extends AsyncGenerator<infer Item, infer Return, infer _Next> | Generator<infer Item, infer Return, infer _Next>
      ? (...args: Parameters<F>) => AsyncGenerator<Awaited<Item>, Awaited<Return>, void>
      : never
    : Unusable<"Only a generator has remoteGen; call this one by remote.">;

/** `spawn` of a function: the same arguments, and a handle of the accepted call. */
export type SpawnOf<F extends AnyFunction, Call> =
  KindOf<F> extends "generator" ? Unusable<"A generator can't be spawned."> : (...args: Parameters<F>) => Promise<Call>;

/** The one argument with which a function can be called; {@link Unusable} when it takes none, needs more, or is a generator. */
export type OneArgumentOf<F extends AnyFunction> =
  KindOf<F> extends "generator" ? Unusable<"A generator is called by remoteGen."> : OneOf<Parameters<F>>;

/** The arguments of a function as one input of `starmap`. */
export type ArgumentsOf<F extends AnyFunction> =
  KindOf<F> extends "generator" ? Unusable<"A generator is called by remoteGen."> : Readonly<Parameters<F>>;

/** Values for `map`: any iterable or async iterable but a string. */
export type Inputs<T> = object & (Iterable<T> | AsyncIterable<T>);

/** How `map` and `starmap` behave. */
export interface MapParams<ReturnExceptions extends boolean = boolean> {
  /** Whether results come in the order of the inputs; else as they are ready. @default true */
  readonly orderOutputs?: boolean | undefined;
  /** Whether an input's failure is given as its result instead of ending the iteration. @default false */
  readonly returnExceptions?: ReturnExceptions | undefined;
}

/** How `forEach` behaves. */
export interface ForEachParams {
  /** Whether failures are passed over. @default false */
  readonly ignoreExceptions?: boolean | undefined;
}

/** One result of a `map`: with `returnExceptions` it may be the error. */
export type MapItem<R, ReturnExceptions extends boolean> = ReturnExceptions extends false ? R : R | Error;

/** What a function is, from its type: how it is called follows from it. */
export type KindOf<F extends AnyFunction> =
  IsAnyOrNever<Returned<F>> extends true
    ? "sync"
    : F extends (...args: never[]) => AsyncGenerator<unknown, unknown, never> | Generator<unknown, unknown, never>
      ? "generator"
      : F extends (...args: never[]) => Promise<unknown>
        ? "async"
        : "sync";

// --- Internal helpers ---

// `ReturnType` gives `any` for some generics, such as `<T, K extends keyof T>(value: T, key: K) => Promise<T[K]>`.
type Returned<F extends AnyFunction> = F extends (...args: never[]) => infer R ? R : never;

type IsAnyOrNever<T> = [T] extends [never] ? true : 0 extends 1 & T ? true : false;

type OneOf<P extends readonly unknown[]> = P extends readonly []
  ? Unusable<"This Function takes no argument; call it by remote.">
  : P extends readonly [unknown, ...infer Rest]
    ? [] extends Rest
      ? P[0]
      : Unusable<"This Function needs more than one argument; give tuples to starmap.">
    : P[0];
