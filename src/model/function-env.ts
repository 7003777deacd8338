import { showNumber, showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import { checkEnvKey } from "./names.ts";
import { isPlainObject } from "./option-checks.ts";

/** Bytes of all keys and values of a Function's environment together: Lambda's limit, "Lambda quotas" in its manual. */
export const MAX_ENV_BYTES = 4_096;

/** Variables that Lambda reserves for itself: "Defined runtime environment variables" in its manual. */
const RESERVED = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/** How a dynamic reference begins, in whose place CloudFormation puts a value: "Dynamic references" in its manual. */
const REFERENCE = "{{resolve:";

/** A Function's `env`, checked and copied. `what` begins the message of the `InvalidError` that a wrong one throws. */
export function resolveFunctionEnv(what: string, env: unknown): Readonly<Record<string, string>> {
  if (env === undefined) return {};
  if (!isPlainObject(env))
    throw new InvalidError(`${what}: env is ${showValue(env)}. It must be an object of strings.`, {
      hint: 'Write env: { LOG_LEVEL: "debug" }.',
    });
  let bytes = 0;
  const checked: [string, string][] = [];
  for (const [key, value] of Object.entries(env)) {
    refuseReserved(what, key);
    checkEnvKey(what, key);
    checked.push([key, checkValue(what, key, value)]);
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value as string);
  }
  if (bytes > MAX_ENV_BYTES) {
    throw new InvalidError(
      `${what}: env is ${showNumber(bytes)} bytes, keys and values together. At most ${showNumber(MAX_ENV_BYTES)} are allowed.`,
      {
        hint: "Put large values in a file that travels with the App (files), or pass them as arguments.",
      },
    );
  }
  return Object.fromEntries(checked);
}

// --- Internal helpers ---

function refuseReserved(what: string, key: string): void {
  if (key.startsWith("TENON_"))
    throw new InvalidError(`${what}: env.${key} is reserved: variables that begin with TENON_ are Tenon's own.`, {
      hint: "Take another name.",
    });
  if (key.startsWith("AWS_LAMBDA_") || RESERVED.has(key))
    throw new InvalidError(`${what}: env.${key} is reserved by AWS Lambda.`, { hint: "Take another name." });
}

function checkValue(what: string, key: string, value: unknown): string {
  if (typeof value !== "string") {
    const hint =
      value === undefined
        ? `Leave ${key} out, or give it a default: ${key}: process.env.${key} ?? "".`
        : `Write it as a string, such as ${key}: String(…).`;
    throw new InvalidError(`${what}: env.${key} is ${showValue(value)}. It must be a string.`, { hint });
  }
  if (value.includes(REFERENCE))
    throw new InvalidError(
      `${what}: env.${key} holds ${REFERENCE}…. CloudFormation would put another value in its place, which this machine can't do.`,
      { hint: "Read the value in the Function, from where it lies." },
    );
  if (!value.isWellFormed())
    throw new InvalidError(`${what}: env.${key} holds half a character (a lone surrogate), which no environment variable can hold.`);
  if (value.includes("\0")) throw new InvalidError(`${what}: env.${key} holds a NUL character, which no environment variable can hold.`);
  return value;
}
