/** What one Function becomes. */
export interface PlannedFunction {
  readonly name: string;
  /** `null` when it can't be on AWS: `refusals` says why. */
  readonly becomes: { readonly service: "lambda"; readonly resource: string; readonly memoryMiB: number; readonly timeoutSeconds: number } | null; // prettier-ignore
  readonly why: string;
  readonly refusals: readonly string[];
  readonly notes: readonly string[];
  /** List price of a million calls of 100 ms on arm64 in USD: Lambda's part of it; `null` without a Lambda function. */
  readonly dollarsPerMillionCalls: number | null;
}

/** Where AWS can't give the meaning that the local backend gives, whatever is asked for. */
export interface Difference {
  readonly what: string;
  /** The Functions that it concerns. */
  readonly functions: readonly string[];
}

/** Something that asks for work, or is woken, while the App is idle. */
export interface IdleCost {
  readonly what: string;
  readonly requestsPerMonth: number;
  /** List price in USD, before free tiers. */
  readonly dollarsPerMonth: number;
}

/** What use costs, and what it leaves behind: beside what a Function's own price holds. */
export interface CostLine {
  readonly what: string;
  /** List price in USD, before free tiers, of one `per`. */
  readonly dollars: number;
  readonly per: "million calls" | "call" | "GB" | "GB and month" | "month";
}

/** Where the environment's objects are of a name, or of names by a pattern, that the App uses. */
export interface PlannedObject {
  /** What it is in code, such as `Dict`. */
  readonly kind: string;
  readonly name: string;
  readonly becomes: string;
  /** The Functions that may use it. */
  readonly functions: readonly string[];
  /** What its use costs, in words; unused it costs nothing but what it stores. */
  readonly price: string;
}

/** What one kind has to say in the plan of an App. */
export interface PlanPart {
  readonly functions?: readonly PlannedFunction[];
  readonly objects?: readonly PlannedObject[];
  readonly differences?: readonly Difference[];
  readonly costs?: readonly CostLine[];
  readonly idle?: readonly IdleCost[];
}
