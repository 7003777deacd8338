/** Calls that a message names; it counts the others. */
const NAMED = 5;

/** Spawned calls that a run has cancelled because it ended. */
export interface DroppedCalls {
  readonly app: string;
  /** How many there were. */
  readonly count: number;
  /** The first of them. */
  readonly calls: readonly { readonly call: string; readonly fn: string }[];
}

/** The words about calls that a run has dropped: what happened, and how such calls are kept. */
export function describeDroppedCalls({ app, count, calls }: DroppedCalls): { readonly message: string; readonly hint: string } {
  const named = calls.slice(0, NAMED).map(({ call, fn }) => `${call} (${fn})`);
  const more = count > named.length ? ` and ${count - named.length} more` : "";
  const what = count === 1 ? "a spawned call that had" : `${count} spawned calls that had`;
  return {
    message: `The run of App "${app}" has ended and cancelled ${what} no outcome: ${named.join(", ")}${more}.`,
    hint: "Wait for spawned calls by get() before the run ends, or deploy the App (tenon deploy --local): the calls of a deployed App outlive their caller.",
  };
}
