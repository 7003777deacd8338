import { base32 } from "../util/base32.ts";
import { lazyCrypto } from "../util/lazy-crypto.ts";
import type { FunctionRef } from "./function-spec.ts";
import { isCallId } from "./ids.ts";

/** Digits of base 32 that tell an App of an environment: 80 bits, with which nobody finds another App that has the same. */
const APP_DIGITS = 16;
/** Those that tell a Function from the others of its App: 40 bits. */
const FUNCTION_DIGITS = 8;
/** Those that stand for a caller's own id: 130 bits. */
const OWN_ID_DIGITS = 26;

const HEAD_LENGTH = APP_DIGITS + FUNCTION_DIGITS;
const DURABLE_ID = new RegExp(`^fc-[a-z2-7]{${HEAD_LENGTH}}(?:[0-9A-Za-z]{22}|[a-z2-7]{${OWN_ID_DIGITS}})$`);

/**
 * The id of a durable call: `fc-`, what tells its App and Function ({@link functionHead}), and what tells it from their
 * other calls. `callId` is random, as `newCallId` makes it, or the caller's own: then the id is the same for the same one.
 */
export function durableCallId(environment: string, ref: FunctionRef, callId: string): string {
  const rest = isCallId(callId) ? callId.slice("fc-".length) : base32(hashOf(["call", callId]), OWN_ID_DIGITS);
  return `fc-${functionHead(environment, ref)}${rest}`;
}

/** What tells the App and the Function of a durable call: the beginning of its id after `fc-`. `undefined` for any other text. */
export function headOfCall(callId: string): string | undefined {
  return DURABLE_ID.test(callId) ? callId.slice("fc-".length, "fc-".length + HEAD_LENGTH) : undefined;
}

/** Whether an id is one of a Function's calls. */
export function isCallOf(environment: string, ref: FunctionRef, callId: string): boolean {
  return headOfCall(callId) === functionHead(environment, ref);
}

/** With what the ids of a Function's calls begin after `fc-`; it begins with {@link appHead}. */
export function functionHead(environment: string, { app, name }: FunctionRef): string {
  // Every spawn needs it. No name holds a slash.
  const key = `${environment}/${app}/${name}`;
  const head = heads.get(key) ?? appHead(environment, app) + base32(hashOf([environment, app, name]), FUNCTION_DIGITS);
  heads.set(key, head);
  return head;
}

/** With what the ids of all calls of an App begin after `fc-`. */
export function appHead(environment: string, app: string): string {
  return base32(hashOf([environment, app]), APP_DIGITS);
}

// --- Internal helpers ---

const heads = new Map<string, string>();

function hashOf(parts: readonly string[]): Uint8Array {
  return lazyCrypto().createHash("sha256").update(JSON.stringify(parts)).digest();
}
