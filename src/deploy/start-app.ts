import { readFileSync } from "node:fs";
import { join } from "node:path";
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

/**
 * Starts an App that `tenon app stop` has stopped, and says whether it was: CloudFormation does not see what that has changed.
 * A caller who may not ask whether it is stopped is told that it is not.
 */
export async function startApp({ environment, manifest, dir, stack }: StartParams, options: AwsClientOptions = {}): Promise<boolean> {
  const { openAppOperator } = await import("../adapters/apps/aws-operator.ts");
  const operator = openAppOperator(environment, options);
  try {
    if (!(await operator.isStopped(manifest.name).catch(unlessDenied))) return false;
    await operator.start(manifest, reservedOf(dir, stack));
    return true;
  } finally {
    operator.destroy();
  }
}

// --- Internal helpers ---

function unlessDenied(error: unknown): false {
  if (error instanceof PermissionDeniedError) return false;
  throw error;
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
