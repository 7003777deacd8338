import { LAMBDA_MAX_ENV_BYTES } from "../adapters/functions/limits.ts";
import { blobBucket, callsTable, dataTable } from "../model/aws-names.ts";
import type { Variables } from "./kinds/kind.ts";

/** What Tenon's runtime is told of its environment and its App, in every Lambda function of the App. */
export function runtimeVariables(environment: string, app: string, version: string): Variables {
  return {
    TENON_BACKEND: "aws",
    TENON_ENVIRONMENT: environment,
    TENON_APP: app,
    TENON_VERSION: version,
    TENON_CALLS_TABLE: callsTable(environment),
    TENON_DATA_TABLE: dataTable(environment),
    TENON_BUCKET: { "Fn::Sub": blobBucket(environment, "${AWS::AccountId}", "${AWS::Region}") },
  };
}

/** Longest text that stands in a template for what is known only when it is deployed, such as a region. */
const LONGEST: Readonly<Record<string, string>> = {
  "AWS::Region": "ap-southeast-99",
  "AWS::AccountId": "123456789012",
  "AWS::URLSuffix": "amazonaws.com.cn",
};

/**
 * Bytes of a Lambda function's environment variables, keys and values, at most: what is known only when the template
 * is deployed counts as the longest it can be.
 */
export function environmentBytes(variables: Variables): number {
  return Object.entries(variables).reduce((sum, [key, value]) => {
    const text =
      typeof value === "string" ? value : value["Fn::Sub"].replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => LONGEST[name] ?? whole);
    return sum + Buffer.byteLength(key) + Buffer.byteLength(text);
  }, 0);
}

/** Why a Function's variables are too many for Lambda, with the numbers; `undefined` when they fit. */
export function environmentRefusal(variables: Variables, env: Readonly<Record<string, string>>): string | undefined {
  const bytes = environmentBytes(variables);
  if (bytes <= LAMBDA_MAX_ENV_BYTES) return undefined;
  const own = environmentBytes(env);
  return `its environment variables have ${bytes} bytes (env ${own}, Tenon's own ${bytes - own}); Lambda takes ${LAMBDA_MAX_ENV_BYTES}. Put what is long into a file that travels with the code (files: […]).`;
}
