import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";

/** Characters of the longest name. */
export const MAX_NAME_LENGTH = 64;
/** Characters of the longest tag key or value. */
export const MAX_TAG_LENGTH = 63;

const CHARSET = "alphanumeric characters, dashes, periods and underscores";
const NAME = /^[a-zA-Z0-9\-_.]+$/;
/** A command takes it for a flag. */
const LIKE_A_FLAG = /^-/;
/** What the file systems of some machines take for this folder, or for one above it. */
const ONLY_PERIODS = /^\.+$/;
const APP_ID = /^ap-[a-zA-Z0-9]{22}$/;
const ENVIRONMENT = /^[a-zA-Z0-9][a-zA-Z0-9\-_.]*$/;
const FUNCTION_CALL_ID = /^fc-[a-zA-Z0-9]{1,125}$/;
/** Lambda's `EnvironmentVariableName`, whole. */
const ENV_KEY = /^[a-zA-Z][a-zA-Z0-9_]+$/;
const CALL_ID = /^[a-zA-Z0-9][a-zA-Z0-9\-_.:]{0,127}$/;

/**
 * The name of an App or of a named object; `kind` is the word for the message, such as `App` or `Dict`.
 *
 * 1 to 64 letters, digits, dashes, periods and underscores, no dash first, not periods only, unlike an App's id. Throws `InvalidError`.
 */
export function checkName(kind: string, name: unknown): string {
  const isName = typeof name === "string" && name.length <= MAX_NAME_LENGTH && NAME.test(name) && name !== "__proto__";
  if (isName && !APP_ID.test(name) && !ONLY_PERIODS.test(name) && !LIKE_A_FLAG.test(name)) return name;
  throw new InvalidError(
    `Invalid ${kind} name: ${showValue(name)}. Names may contain only ${CHARSET}, must be 1 to ${MAX_NAME_LENGTH} characters long, and cannot begin with a dash, be periods only or conflict with App ID strings (ap-…).`,
    { hint: suggestion(kind, name, "_-.") },
  );
}

/** The name of a Function: like any name, without periods, which separate a class from its method. Throws `InvalidError`. */
export function checkFunctionName(name: unknown): string {
  const checked = checkName("Function", name);
  if (!checked.includes(".")) return checked;
  throw new InvalidError(
    `Invalid Function name: ${showValue(name)}. A Function's name cannot contain a period, which separates a class from its method.`,
    {
      hint: suggestion("Function", name, "_-"),
    },
  );
}

/** The name of an environment: 1 to 64 letters, digits, dashes, periods and underscores, beginning with a letter or digit, not with `en-`. Throws `InvalidError`. */
export function checkEnvironmentName(name: unknown): string {
  if (typeof name === "string" && name.length <= MAX_NAME_LENGTH && ENVIRONMENT.test(name) && !name.startsWith("en-")) return name;
  throw new InvalidError(
    `Invalid environment name: ${showValue(name)}. Names may contain only ${CHARSET}, must begin with a letter or digit, be 1 to ${MAX_NAME_LENGTH} characters long, and cannot begin with en-.`,
    { hint: suggestion("environment", name, "_-.") },
  );
}

/** The value of one of an App's tags, checked with its key: both of 1 to 63 letters, digits, dashes, periods and underscores. Throws `InvalidError`. */
export function checkTag(key: string, value: unknown): string {
  if (!isTagText(key)) throw invalidTag("key", key);
  if (!isTagText(value)) throw invalidTag(`value of "${key}"`, value);
  return value;
}

/** The key of an environment variable: two or more letters, digits and underscores, a letter first, as Lambda has it. Throws `InvalidError`. */
export function checkEnvKey(what: string, key: string): string {
  if (ENV_KEY.test(key)) return key;
  throw new InvalidError(
    `${what}: invalid environment variable name ${showValue(key)}. Names may contain only letters, digits and underscores, must begin with a letter, and be 2 characters or longer.`,
    { hint: "Take another name, such as LOG_LEVEL. AWS Lambda takes no others." },
  );
}

/**
 * A call id that a caller chose as its idempotency key: 1 to 128 letters, digits, dashes, periods, underscores and
 * colons, beginning with a letter or digit. Throws `InvalidError`.
 */
export function checkCallId(id: unknown): string {
  if (typeof id === "string" && CALL_ID.test(id)) return id;
  throw new InvalidError(
    `Invalid call id: ${showValue(id)}. Call ids may contain only letters, digits, dashes, periods, underscores and colons, must begin with a letter or digit, and be 1 to 128 characters long.`,
    { hint: "Take something that names the work, such as an order's number; hash it if it holds other characters." },
  );
}

/** The id of a spawned call, as `spawn` gives it: it begins with `fc-`. Throws `InvalidError`. */
export function checkFunctionCallId(id: unknown): string {
  if (typeof id === "string" && FUNCTION_CALL_ID.test(id)) return id;
  throw new InvalidError(`Invalid id of a call: ${showValue(id)}. Such ids begin with fc-, and hold only letters and digits after it.`, {
    hint: "Take the functionCallId of what spawn gave. The call of a callId of your own is `await fn.spawned(callId)`.",
  });
}

// --- Internal helpers ---

function isTagText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TAG_LENGTH && NAME.test(value) && value !== "__proto__";
}

function invalidTag(part: string, value: unknown): InvalidError {
  return new InvalidError(
    `Invalid tag ${part}: ${showValue(value)}. Tag keys and values may contain only ${CHARSET}, and must be 1 to ${MAX_TAG_LENGTH} characters long.`,
  );
}

/** The nearest name that would do, when there is one. */
function suggestion(kind: string, name: unknown, punctuation: string): string {
  const example = kind === "App" ? "wordcount" : "my-name";
  if (typeof name !== "string") return `Give a string, such as "${example}".`;
  const legal = name
    .replaceAll(/[^a-zA-Z0-9]/g, (character) => (punctuation.includes(character) ? character : "-"))
    .replace(/^(en-|[-_.]+)+/, "")
    .slice(0, MAX_NAME_LENGTH);
  return legal === "" || legal === name || APP_ID.test(legal)
    ? `Take another name, such as "${example}".`
    : `Write ${JSON.stringify(legal)}.`;
}
