import type { TenonError } from "../model/errors.ts";
import { deniedChange, failedStack, hiddenBootstrap, notBootstrapped } from "./errors.ts";

/** Why a stack could not be changed. */
export interface StackFailure {
  /** CloudFormation's reasons; none where CloudFormation has not begun. */
  readonly failures: readonly string[];
  /** What the CDK's toolkit threw. */
  readonly error: unknown;
}

/**
 * Says what a failure of the CDK's toolkit means. A denial of what the bootstrap has hides whether it is there: AWS denies to
 * take on a role that does not exist, too.
 */
export function explainFailure(stack: string, what: "deployed" | "destroyed", { failures, error }: StackFailure): TenonError {
  if (failures.length > 0) return failedStack(stack, what, failures, error);
  const said = wordsOf(error);
  const isBootstrap = what === "deployed" && /bootstrap/i.test(said);
  const denial = DENIED.test(said) ? (DENIAL.exec(said)?.[0] ?? said) : undefined;
  if (isBootstrap) return denial === undefined ? notBootstrapped(stack, error) : hiddenBootstrap(stack, denial, error);
  if (denial !== undefined) return deniedChange(stack, denial, error);
  return failedStack(stack, what, failures, error);
}

// --- Internal helpers ---

/** AWS's words, and those of the CDK's publisher where S3 gives no answer about the bucket of its assets. */
const DENIED = /AccessDenied|not authorized|have access to it/i;
/** AWS's own sentence among the toolkit's. */
const DENIAL = /User: \S+ is not authorized[^\n]*/i;

/** What an error says with its causes, of which the toolkit's own message may leave some out. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  const name = /AccessDenied/.test(error.name) ? `${error.name}: ` : "";
  return [`${name}${error.message}`, ...inner.map(wordsOf)].join("\n");
}
