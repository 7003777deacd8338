/**
 * How an operation answers: `once`, at once; `blocking`, once, after what may be a long wait for a call; `stream`, by items
 * and then an end.
 */
export type OperationShape = "once" | "blocking" | "stream";

/**
 * A place in plain data: steps divided by dots, `*` for each element of an array, such as `1.*.key`. The empty path is the
 * value itself. A step that is not there ends the path: nothing lies at its place.
 */
export type ValuePath = string;

/** One operation of a port as data: all that the channel, the routing and the check of reach need to know of it. */
export interface Operation {
  readonly shape: OperationShape;
  /** Where encoded values lie, so that they travel as bytes beside the text: in the arguments, in an item, in the answer. */
  readonly values?: {
    readonly args?: readonly ValuePath[];
    readonly item?: readonly ValuePath[];
    readonly answer?: readonly ValuePath[];
  };
  /** Where an App's name stands, by which the operation is routed: in the arguments, and in the answer. */
  readonly app?: { readonly args?: ValuePath; readonly answer?: ValuePath };
  /** Where a call's id stands in the arguments of an operation that is routed by it. */
  readonly call?: ValuePath;
  /** Where the name of an object stands in the arguments, which the caller must reach. */
  readonly object?: ValuePath;
  /** Where the arguments name the input that asks; default: the input whose body runs. */
  readonly parent?: ValuePath;
  /** Which argument may hold a `signal`: aborting it is a cancel request. */
  readonly signal?: number;
  /** Whether a channel that closes is an answer, `{ status: "lost", reason }`, and no error. */
  readonly answersLost?: true;
}

/** The operations of one port by the names of its methods, of whatever port. */
export type Operations = Readonly<Record<string, Operation>>;

type OperationName<P> = { [K in keyof P]-?: NonNullable<P[K]> extends (...args: never[]) => unknown ? K : never }[keyof P];

/** The operations of a port, one for each of its methods: a method without one does not compile. */
export type OperationsOf<P> = {
  readonly [K in OperationName<P>]: P[K] extends (...args: never[]) => AsyncIterable<unknown>
    ? Operation & { readonly shape: "stream" }
    : Operation & { readonly shape: "once" | "blocking" };
};
