import { appStack, checkAwsEnvironment, functionName } from "../model/aws-names.ts";
import type { AppManifest } from "../model/manifest.ts";
import { planLambda } from "./lambda-plan.ts";

/** What one Function becomes. */
export interface PlannedFunction {
  readonly name: string;
  /** `null` when it can't be on AWS: `refusals` says why. */
  readonly becomes: { readonly service: "lambda"; readonly resource: string; readonly memoryMiB: number; readonly timeoutSeconds: number } | null; // prettier-ignore
  readonly why: string;
  readonly refusals: readonly string[];
  readonly notes: readonly string[];
}

/** Something that asks for work, or is woken, while the App is idle. */
export interface IdleCost {
  readonly what: string;
  readonly requestsPerMonth: number;
}

/** What an App becomes on AWS. */
export interface AppPlan {
  readonly app: string;
  readonly environment: string;
  readonly stack: string;
  readonly functions: readonly PlannedFunction[];
  readonly idle: readonly IdleCost[];
}

const SECONDS_PER_MONTH = 30 * 24 * 60 * 60;
/** Long polls that Lambda keeps open on a standard queue without messages, and how long each waits. */
const POLLERS = 5;
const POLL_SECONDS = 20;
const SWEEP_SECONDS = 5 * 60;

/**
 * What an App becomes on AWS, from the same data as its stack: each Function with the reason, and where AWS does not
 * give what was asked for. Nothing throws because of a Function that can't be there.
 */
export function planApp(manifest: AppManifest, environment: string): AppPlan {
  const stack = appStack(checkAwsEnvironment(environment), manifest.name);
  const functions = Object.values(manifest.functions).map((spec): PlannedFunction => {
    const { refusals, notes, memoryMiB, timeoutSeconds } = planLambda(spec);
    const resource = functionName(environment, manifest.name, spec.name);
    return {
      name: spec.name,
      becomes: refusals.length > 0 ? null : { service: "lambda", resource, memoryMiB, timeoutSeconds },
      why: `timeoutMs ${spec.timeoutMs.toLocaleString("en-US")}, memoryMiB ${spec.memoryMiB.toLocaleString("en-US")}, cpu ${spec.cpu}`,
      refusals,
      notes,
    };
  });
  const idle: readonly IdleCost[] = [
    { what: "SQS: Lambda's pollers of the dispatcher's queue", requestsPerMonth: (POLLERS * SECONDS_PER_MONTH) / POLL_SECONDS },
    { what: "Lambda: the dispatcher looks for calls that nobody works on", requestsPerMonth: SECONDS_PER_MONTH / SWEEP_SECONDS },
  ];
  return { app: manifest.name, environment, stack, functions, idle };
}
