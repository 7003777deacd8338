import type { Permission } from "./permissions.ts";
import type { Reach } from "./reach.ts";

/** When and how often a failed attempt is repeated. */
export interface RetryPolicy {
  /** Additional attempts after the first; 0 means none. */
  readonly maxRetries: number;
  readonly backoffCoefficient: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}

/** A Function as declared, every option resolved: what a manifest holds and each backend reads. */
export interface FunctionSpec {
  readonly name: string;
  /** `generator` for an async generator, called by `remoteGen`. */
  readonly kind: "function" | "generator";
  /** Execution time of one attempt. */
  readonly timeoutMs: number;
  /** Import of the module and start-up of the container. */
  readonly startupTimeoutMs: number;
  readonly memoryMiB: number;
  /** Physical cores, fractional. */
  readonly cpu: number;
  readonly retries: RetryPolicy;
  readonly env: Readonly<Record<string, string>>;
  readonly minContainers: number;
  /** `null`: no limit of its own. */
  readonly maxContainers: number | null;
  readonly bufferContainers: number;
  readonly scaledownWindowMs: number;
  readonly singleUseContainers: boolean;
  /** Objects of the environment that this Function may use, and no other; absent: all that its App names. */
  readonly uses?: Reach;
  /** What its code may do on AWS beside that; absent: nothing of its own. */
  readonly permissions?: readonly Permission[];
}

/** The address of a Function: its App's name and its own. */
export interface FunctionRef {
  readonly app: string;
  readonly name: string;
}
