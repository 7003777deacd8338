import { InvokeCommand, InvokeWithResponseStreamCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { AwsClientOptions } from "./client-options.ts";
import { openClient } from "./open-client.ts";

// One service of AWS, one module to load.
export { createLambdaEvents } from "./lambda-events.ts";

/** How an invocation ended. */
export interface Invoked {
  readonly payload: string;
  /** `Unhandled` when the function ended without an answer of its own; the payload then says why. */
  readonly functionError: string | undefined;
}

/** A piece of a streamed answer; the last one says how it ended. */
export type StreamPiece =
  | { readonly bytes: Uint8Array }
  | { readonly end: { readonly errorCode: string | undefined; readonly errorDetails: string | undefined } };

/** The operations on Lambda that callers need. Rejections are the SDK's own. */
export interface LambdaApi {
  invoke(name: string, payload: string, signal: AbortSignal | undefined): Promise<Invoked>;
  invokeStream(name: string, payload: string, signal: AbortSignal | undefined): Promise<AsyncIterable<StreamPiece>>;
  destroy(): void;
}

/** As many as the widest window of a map. */
const MAX_SOCKETS = 1_000;
/** Longer than the 900 s that Lambda lets a function run. */
const INVOKE_TIMEOUT_MS = 930_000;

/** Makes the client. Nothing is repeated: what is a new attempt is the caller's decision. */
export function createLambdaApi(options: AwsClientOptions): LambdaApi {
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: INVOKE_TIMEOUT_MS, service: "lambda", callerWaits: true } as const;
  const client = openClient(options, limits, (shared) => new LambdaClient({ ...shared, maxAttempts: 1 }));
  return {
    async invoke(name, payload, signal) {
      const command = new InvokeCommand({ FunctionName: name, Payload: Buffer.from(payload) });
      const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      const bytes = answer.Payload ?? new Uint8Array();
      return {
        payload: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
        functionError: answer.FunctionError,
      };
    },
    async invokeStream(name, payload, signal) {
      const command = new InvokeWithResponseStreamCommand({ FunctionName: name, Payload: Buffer.from(payload) });
      const answer = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
      return pieces(answer.EventStream ?? []);
    },
    destroy: () => client.destroy(),
  };
}

// --- Internal helpers ---

type Events = AsyncIterable<{
  readonly PayloadChunk?: { readonly Payload?: Uint8Array | undefined } | undefined;
  readonly InvokeComplete?: { readonly ErrorCode?: string | undefined; readonly ErrorDetails?: string | undefined } | undefined;
}>;

async function* pieces(events: Events | readonly never[]): AsyncGenerator<StreamPiece, void, void> {
  for await (const event of events) {
    if (event.PayloadChunk?.Payload !== undefined) yield { bytes: event.PayloadChunk.Payload };
    if (event.InvokeComplete !== undefined)
      yield { end: { errorCode: event.InvokeComplete.ErrorCode, errorDetails: event.InvokeComplete.ErrorDetails } };
  }
}
