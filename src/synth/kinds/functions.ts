import { FUNCTIONS_ACTIONS, type FunctionsTarget } from "../../adapters/functions/iam.ts";
import {
  ACCOUNT_CONCURRENCY,
  LAMBDA_DEFAULT_STARTUP_MS,
  LONGEST_HELD_MS,
  NEW_ACCOUNT_CONCURRENCY,
  REFUSED_MS,
  UNSTARTED_MS,
} from "../../adapters/functions/limits.ts";
import { functionName, inputObject, outputObject } from "../../model/aws-names.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { showNumber } from "../../util/show-value.ts";
import { arn, objectArn } from "../arns.ts";
import type { Difference, PlannedFunction } from "../plan-part.ts";
import { lambdaPrice } from "../prices.ts";
import { dispatcherQueue } from "./calls-dispatcher.ts";
import { closeInputQueues } from "./functions-inputs.ts";
import { addFunction } from "./functions-lambda.ts";
import { planLambda } from "./functions-plan.ts";
import { functionRoles } from "./functions-roles.ts";
import type { AppResources, Kind, Scope, Touched, Variables } from "./kind.ts";

/** Functions: each is a Lambda function. Each may call every Function of its App and touch every row of its App's calls. */
export const functions: Kind = {
  operations: {
    function: Object.values(FUNCTIONS_ACTIONS),
    caller: [FUNCTIONS_ACTIONS.invoke, FUNCTIONS_ACTIONS.stream],
  },
  touches: functionTargets,
  verbs: { "lambda:InvokeFunction": "call", "s3:GetObject": "read", "s3:PutObject": "write" },
  plan: (manifest, environment) => ({
    functions: Object.values(manifest.functions).map((spec) => planFunction(manifest, environment, spec)),
    differences: differencesOf(manifest),
  }),
  roles: (manifest, environment) => functionRoles(manifest, environment).map(({ role }) => role),
  variables: ({ manifest }, fn): Variables => {
    const { startupTimeoutMs } = manifest.functions[fn]!;
    return {
      TENON_FUNCTION: fn,
      ...(startupTimeoutMs === LAMBDA_DEFAULT_STARTUP_MS ? undefined : { TENON_STARTUP_TIMEOUT_MS: String(startupTimeoutMs) }),
      ...(manifest.metrics === true ? { TENON_METRICS: "1" } : undefined),
      ...(manifest.declaredName === undefined ? undefined : { TENON_DECLARED_APP: manifest.declaredName }),
    };
  },
  addResources: addFunctions,
};

/**
 * What invoking a Function touches. A Function is named exactly: a pattern would match those of another App, too, whose
 * name begins like this one's.
 */
export function functionTargets({ environment, manifest, functions: names, of }: Scope): Record<FunctionsTarget, Touched> {
  const app = manifest.name;
  return {
    functions: { resources: names.map((fn) => arn("lambda", `function:${functionName(environment, app, fn)}`)), grows: true },
    // Up to the delimiter: what follows are the Function, the call and the input, or the attempt.
    inObjects: { resources: of.map((fn) => objectArn(environment, upTo(fn, inputObject(app, fn, "", "")))) },
    outObjects: { resources: of.map((fn) => objectArn(environment, upTo(fn, outputObject(app, fn, "", 0)))) },
  };
}

// --- Internal helpers ---

/** The body of which a Function's price is told. */
const PRICED_CALL_MS = 100;
const MILLION = 1_000_000;

const DIFFERENCES: readonly { readonly what: string; readonly concerns: (spec: FunctionSpec) => boolean }[] = [
  {
    what: "a remote or map that is cancelled, or whose caller has gone, runs on to its end or its timeoutMs: Lambda does not tell a function",
    concerns: (spec) => spec.kind === "function" && spec.timeoutMs <= LONGEST_HELD_MS,
  },
  {
    what: `remote and map are spawned, each input with rows of its own: no connection is held for more than ${showNumber(LONGEST_HELD_MS)} ms`,
    concerns: (spec) => spec.kind === "function" && spec.timeoutMs > LONGEST_HELD_MS,
  },
  {
    what: "ending the iteration does not end the generator, which runs on to its end or its timeoutMs: Lambda does not tell a function",
    concerns: (spec) => spec.kind === "generator",
  },
  {
    what: `a call that waits for other calls holds its container meanwhile, and an account's concurrency (${showNumber(ACCOUNT_CONCURRENCY)} by default, ${NEW_ACCOUNT_CONCURRENCY} in a new account) is the most containers at once of all its functions. What has no room for ${REFUSED_MS / 1_000} s is spawned, and rejects with ResourceExhaustedError when it has not started about ${UNSTARTED_MS / 1_000} s later`,
    concerns: () => true,
  },
];

function differencesOf(manifest: AppManifest): readonly Difference[] {
  return DIFFERENCES.map(({ what, concerns }) => {
    const concerned = Object.values(manifest.functions).filter(concerns);
    return { what, functions: concerned.map(({ name }) => name) };
  });
}

function planFunction(manifest: AppManifest, environment: string, spec: FunctionSpec): PlannedFunction {
  const { refusals, notes, memoryMiB, timeoutSeconds } = planLambda(spec, { reserved: manifest.brake?.enforce === "reserved" });
  const resource = functionName(environment, manifest.name, spec.name);
  return {
    name: spec.name,
    becomes: refusals.length > 0 ? null : { service: "lambda", resource, memoryMiB, timeoutSeconds },
    why: `timeoutMs ${showNumber(spec.timeoutMs)}, memoryMiB ${showNumber(spec.memoryMiB)}, cpu ${spec.cpu}`,
    refusals,
    notes,
    dollarsPerMillionCalls: refusals.length > 0 ? null : lambdaPrice(MILLION, PRICED_CALL_MS, memoryMiB),
  };
}

function addFunctions(app: AppResources): void {
  const { construct, environment, manifest } = app;
  const queue = dispatcherQueue(app);
  const made = functionRoles(manifest, environment).map(({ id, functions: names, role }) => ({
    names,
    role: app.makeRole(construct, id, role),
  }));
  for (const fn of Object.keys(manifest.functions)) {
    const { role } = made.find(({ names }) => names.includes(fn))!;
    addFunction(app, fn, { role, queue });
  }
  closeInputQueues(construct);
}

/** The pattern of a Function's objects: its name and the delimiter, or nothing but the pattern. */
function upTo(fn: string, key: string): string {
  return fn === "*" ? key.replace(/\*.*/, "*") : key.replace(/\/\/.*/, "/*");
}
