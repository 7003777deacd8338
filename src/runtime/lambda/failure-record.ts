import { resultOfFunctionError } from "../../adapters/functions/aws-failure.ts";
import { deniedContainer } from "../../adapters/functions/errors.ts";
import { functionName } from "../../model/aws-names.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { decodeDelivery, type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import { encodeError } from "../../wire/error-codec.ts";

/** What Lambda says of an event whose invocation failed. */
export interface FailureRecord {
  readonly delivery: Delivery;
  readonly requestId: string;
  /** Whether the function was invoked with it: not when it grew too old in Lambda's queue. */
  readonly invoked: boolean;
  readonly errorType: string;
  readonly message: string;
}

/**
 * Writes such a record for a message of a queue: of that Lambda makes none. `errorMessage` is in Lambda's words.
 */
export function writeFailureRecord({ callId, fn, delivery }: Delivery, requestId: string, errorType: string, errorMessage: string): string {
  const requestPayload = JSON.parse(encodeDelivery({ callId, fn, delivery })) as unknown;
  return JSON.stringify({ requestContext: { requestId }, requestPayload, responsePayload: { errorType, errorMessage } });
}

/** Reads the record that Lambda sends to the destination for failed events; `undefined` for anything else. */
export function readFailureRecord(body: unknown): FailureRecord | undefined {
  if (typeof body !== "object" || body === null || !("requestPayload" in body)) return undefined;
  const { requestPayload, requestContext, responsePayload } = body as {
    readonly requestPayload: unknown;
    readonly requestContext?: { readonly requestId?: string };
    readonly responsePayload?: { readonly errorType?: unknown; readonly errorMessage?: unknown } | null;
  };
  const delivery = decodeDelivery(requestPayload);
  if (delivery === undefined) return undefined;
  // Events that were never handed to the function have no answer of it.
  const invoked = responsePayload !== undefined && responsePayload !== null;
  const { errorType, errorMessage } = responsePayload ?? {};
  return {
    delivery,
    requestId: requestContext?.requestId ?? "",
    invoked,
    errorType: typeof errorType === "string" ? errorType : "",
    message: typeof errorMessage === "string" ? errorMessage : "",
  };
}

/**
 * How the attempt of a record ended. When its process ended, Lambda's own words say why, as for any other attempt. A
 * handler that failed could not write how the call ended, so the attempt is lost; one that was denied something would be
 * denied it again.
 */
export function resultOfFailure(
  record: FailureRecord,
  at: { readonly environment: string; readonly app: string; readonly attempt: number },
): AttemptResult {
  const { errorType, message, delivery } = record;
  const ref = { app: at.app, name: delivery.fn };
  if (isDenial(record)) return { status: "failed", error: encodeError(deniedContainer(ref, message)) };
  if (!/^(?:Runtime|Sandbox)\./.test(errorType) && !/Runtime exited\b|Task timed out after/.test(message)) {
    return { status: "lost", reason: [errorType, message].filter((text) => text !== "").join(": ") || "Lambda gave no reason" };
  }
  return resultOfFunctionError(errorType, message, {
    ref,
    attempt: at.attempt,
    environment: at.environment,
    lambda: functionName(at.environment, at.app, delivery.fn),
    signal: undefined,
  });
}

/** Whether the container was denied what it needs to do its call: then no attempt can come further. */
export function isDenial({ errorType }: FailureRecord): boolean {
  return DENIALS.has(errorType);
}

// --- Internal helpers ---

/** What a container says of a denial, and what the services call theirs. */
const DENIALS: ReadonlySet<string> = new Set(["PermissionDeniedError", "AccessDenied", "AccessDeniedException"]);
