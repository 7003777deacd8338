import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AppOperator } from "../adapters/apps/aws-operator.ts";
import type { AwsClientOptions } from "../adapters/aws/client-options.ts";
import type { AppManifest } from "../model/manifest.ts";
import { PermissionDeniedError } from "../model/errors.ts";

/** An App whose stack is deployed. */
export interface StartParams {
  readonly environment: string;
  readonly manifest: AppManifest;
  /** Of its cloud assembly. */
  readonly dir: string;
  readonly stack: string;
}

/** Loads what the others here ask AWS with, so that it is there when they do. It is loaded when it is needed anyway. */
export async function loadAppOperator(): Promise<void> {
  await import("../adapters/apps/aws-operator.ts");
}

/**
 * Whether `tenon app stop` has stopped an App: CloudFormation does not see what that has changed. Never for one that is not
 * there, nor for a caller who may not ask.
 */
export async function isAppStopped(environment: string, app: string, options: AwsClientOptions = {}): Promise<boolean> {
  return withOperator(environment, options, async (operator) => {
    return operator.isStopped(app).catch((error: unknown) => {
      if (error instanceof PermissionDeniedError) return false;
      throw error;
    });
  });
}

/** Starts an App that is stopped. */
export async function startApp({ environment, manifest, dir, stack }: StartParams, options: AwsClientOptions = {}): Promise<void> {
  return withOperator(environment, options, (operator) => operator.start(manifest, reservedOf(dir, stack)));
}

// --- Internal helpers ---

async function withOperator<T>(environment: string, options: AwsClientOptions, work: (operator: AppOperator) => Promise<T>): Promise<T> {
  const { openAppOperator } = await import("../adapters/apps/aws-operator.ts");
  const operator = openAppOperator(environment, options);
  try {
    return await work(operator);
  } finally {
    operator.destroy();
  }
}

/** The environments that a template reserves, by the name of the Lambda function. */
function reservedOf(dir: string, stack: string): ReadonlyMap<string, number> {
  const { Resources } = JSON.parse(readFileSync(join(dir, `${stack}.template.json`), "utf8")) as {
    readonly Resources: Readonly<
      Record<string, { readonly Properties?: { FunctionName?: unknown; ReservedConcurrentExecutions?: unknown } }>
    >;
  };
  const reserved = new Map<string, number>();
  for (const { Properties: { FunctionName, ReservedConcurrentExecutions } = {} } of Object.values(Resources)) {
    if (typeof FunctionName === "string" && typeof ReservedConcurrentExecutions === "number")
      reserved.set(FunctionName, ReservedConcurrentExecutions);
  }
  return reserved;
}
