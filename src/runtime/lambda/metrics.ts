import type { AttemptResult } from "../../model/outcome.ts";
import type { LambdaEnvironment } from "./environment.ts";

/**
 * Metrics in CloudWatch's embedded format. Each name with each set of dimensions costs $0.30 a month, so without `metrics` only
 * a failure is counted, for the whole App; and a number that is zero is left out. `null`: there is nothing to count.
 */
export function metricsOf({ environment, app, fn, metrics }: Measured, result: AttemptResult, attempt: number): object | null {
  const error = "error" in result ? result.error.className : undefined;
  const failed = error === undefined ? undefined : 1;
  const counts = metrics
    ? { Calls: 1, Failures: failed, Timeouts: result.status === "timed-out" ? 1 : undefined, Retries: attempt > 1 ? 1 : undefined }
    : { Errors: failed };
  const names = Object.entries(counts).flatMap(([name, count]) => (count === undefined ? [] : [name]));
  if (names.length === 0) return null;
  const base = metrics ? ["Environment", "App", "Function"] : ["Environment", "App"];
  const byClass = metrics && error !== undefined ? [directive([...base, "ErrorClass"], ["Failures"])] : [];
  return {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive(base, names), ...byClass] },
    Environment: environment,
    App: app,
    Function: fn,
    ErrorClass: error,
    ...counts,
  };
}

// --- Internal helpers ---

type Measured = Pick<LambdaEnvironment, "environment" | "app" | "fn" | "metrics">;

function directive(dimensions: readonly string[], names: readonly string[]): object {
  return { Namespace: "Tenon", Dimensions: [dimensions], Metrics: names.map((Name) => ({ Name, Unit: "Count" })) };
}
