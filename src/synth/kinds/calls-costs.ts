import { AWS_CALL_ROW_MS, CALL_RETENTION_MS } from "../../adapters/calls/limits.ts";
import { LONGEST_HELD_MS } from "../../adapters/functions/limits.ts";
import { inputQueue } from "../../model/aws-names.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { callPrices } from "../call-costs.ts";
import type { CostLine } from "../plan-part.ts";
import { lambdaPrice, PRICES } from "../prices.ts";
import { planLambda } from "./functions-plan.ts";

const MILLION = 1_000_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** No time of Lambda is counted: it has lines of its own. */
const NO_BODY = { ms: 0, memoryMiB: 0 };

/** What the calls of an App cost beside Lambda's time, and what they leave behind. */
export function callCosts(manifest: AppManifest, environment: string): readonly CostLine[] {
  const specs = Object.values(manifest.functions);
  const spawned = specs.filter(({ kind }) => kind === "function");
  const { rows } = callPrices(MILLION, { durable: true }, NO_BODY);
  const large = callPrices(MILLION, { durable: true, large: true }, NO_BODY);
  const perCall = (what: string, dollars: number): CostLine => ({ what, dollars, per: "million calls" });
  const durable =
    spawned.length === 0
      ? []
      : [
          perCall(
            "a durable call (spawn, or a timeout above 300 s), values up to 1 KB: its rows in DynamoDB, with one that waits for it",
            rows,
          ),
          perCall("with values above 4 KiB, in addition: objects in S3, put and read", large.objects + large.rows - rows),
          ...queueLines(spawned, manifest.name, environment, perCall),
        ];
  const kept: readonly CostLine[] = [
    ...(spawned.length === 0
      ? []
      : [
          { what: `rows of durable calls, for ${CALL_RETENTION_MS / DAY_MS} days after their end and longer until DynamoDB expires them`, dollars: PRICES.dynamoGbMonth, per: "GB and month" } as const, // prettier-ignore
        ]),
    {
      what: `values in S3, those of remote and map above 6 MB too: for ${AWS_CALL_ROW_MS / DAY_MS + 1} days`,
      dollars: PRICES.s3GbMonth,
      per: "GB and month",
    },
    { what: "logs: what the code writes; a call that succeeds adds nothing", dollars: PRICES.logGb, per: "GB" },
    { what: `logs, while they are kept (${keptFor(manifest)})`, dollars: PRICES.logGbMonth, per: "GB and month" },
  ];
  return [...durable, ...kept, ...abandoned(specs)];
}

// --- Internal helpers ---

function keptFor({ aws = {} }: AppManifest): string {
  const { logRetentionDays: days } = aws;
  return days === undefined ? "30 days by default" : `${days} day${days === 1 ? "" : "s"}`;
}

function queueLines(
  specs: readonly FunctionSpec[],
  app: string,
  environment: string,
  line: (what: string, dollars: number) => CostLine,
): readonly CostLine[] {
  const fed = { standard: [] as string[], fifo: [] as string[] };
  for (const spec of specs) {
    if (inputQueue(environment, app, spec) !== undefined) fed[spec.maxContainers === 1 ? "fifo" : "standard"].push(spec.name);
  }
  return (["standard", "fifo"] as const)
    .filter((queue) => fed[queue].length > 0)
    .map((queue) => {
      const { queue: dollars } = callPrices(MILLION, { durable: true, queue }, NO_BODY);
      return line(
        `a durable call of ${fed[queue].join(", ")}, in addition: its ${queue === "fifo" ? "FIFO " : ""}queue, which maxContainers takes`,
        dollars,
      );
    });
}

/** The most that one call costs that runs on after its caller has gone. */
function abandoned(specs: readonly FunctionSpec[]): readonly CostLine[] {
  const costs = specs
    .filter((spec) => spec.timeoutMs <= LONGEST_HELD_MS || spec.kind === "generator")
    .filter((spec) => planLambda(spec).refusals.length === 0)
    .map((spec) => ({ name: spec.name, dollars: lambdaPrice(1, spec.timeoutMs, planLambda(spec).memoryMiB) }));
  const most = costs.toSorted((a, b) => b.dollars - a.dollars)[0];
  if (most === undefined) return [];
  return [
    {
      what: `a remote call of ${most.name} whose caller has gone, when it runs on to its timeoutMs: at most`,
      dollars: most.dollars,
      per: "call",
    },
  ];
}
