import { Readable } from "node:stream";
import type { AwsClientOptions } from "./client-options.ts";
import { isAwsFailure } from "./failures.ts";
import { newClient } from "./new-client.ts";
import { Patience } from "./patience.ts";
import { containerSockets, createSockets, isStaleSocket, type Sockets, type SocketsOf } from "./sockets.ts";

/** How many requests of a client go out at the same time, and how long one may take. */
export interface ClientLimits {
  /** In a container all clients of a service share fewer. */
  readonly maxSockets: number;
  readonly requestTimeoutMs: number;
  /** Whose share of a container's sockets it has. @default - none: no container has such a client */
  readonly service?: SocketsOf | undefined;
  /** Whether a request for which the process has no descriptor rejects at once, as its caller waits by itself. @default false */
  readonly callerWaits?: boolean | undefined;
}

/** What every client is told. */
export interface SharedOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly requestHandler: Omit<Sockets, "gate"> & {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
}

/** What is used of a client here. */
interface SdkClient {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}

const CONNECT_TIMEOUT_MS = 5_000;
/** How long a container looks for the address of AWS: the resolver says `ENOTFOUND` also when there is no descriptor for its question. */
const LOOKUP_PATIENCE_MS = 10_000;

/**
 * Opens a client of the AWS SDK over TCP keep-alive, with a timeout of the whole request. A request waits for its socket before
 * it is signed, and goes out once more when it met a socket that had died while it was idle.
 */
export function openClient<Client extends SdkClient>(
  options: AwsClientOptions,
  limits: ClientLimits,
  make: (shared: SharedOptions) => Client,
): Client {
  const shares = options.inContainer === true && limits.service !== undefined;
  const { gate, ...agents } = shares ? containerSockets(limits.service) : createSockets(limits.maxSockets);
  const shared: SharedOptions = {
    ...(options.region === undefined ? undefined : { region: options.region }),
    ...(options.endpoint === undefined ? undefined : { endpoint: options.endpoint }),
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: limits.requestTimeoutMs,
      throwOnRequestTimeout: true,
      ...agents,
    },
  };
  const client = newClient(() => make(shared));
  const stack = client.middlewareStack as { add(middleware: Middleware, options: object): void };
  // The SDK's own queue for sockets counts the wait as a connection that is not made.
  stack.add(waitFor(gate), { step: "initialize", name: "tenonWaitsForSocket" });
  stack.add(sendAgain(options, limits), { step: "deserialize", priority: "low", name: "tenonSendsAgain" });
  return client;
}

// --- Internal helpers ---

/** One step of the SDK's way to an answer, as far as it is used here. */
type Step = (args: { readonly request?: unknown }) => Promise<{ readonly response: unknown }>;
type Middleware = (next: Step) => Step;

/** Lets a request go on when there is a socket for it, which it has until its answer has been read. */
function waitFor(gate: Sockets["gate"]): Middleware {
  return (next) => async (args) => {
    await gate.enter();
    try {
      const answer = await next(args);
      const { body } = (answer.response ?? {}) as { readonly body?: unknown };
      if (body instanceof Readable && !body.readableEnded && !body.destroyed) body.once("close", () => gate.leave());
      else gate.leave();
      return answer;
    } catch (error) {
      gate.leave();
      throw error;
    }
  };
}

/** Sends a request again that never left, or of which a dead socket says so. */
function sendAgain({ inContainer = false }: AwsClientOptions, { callerWaits = false }: ClientLimits): Middleware {
  return (next) => async (args) => {
    const patience = new Patience();
    const lookup = new Patience(LOOKUP_PATIENCE_MS);
    for (let repeated = false; ;) {
      try {
        return await next(args);
      } catch (error) {
        if (isStaleSocket(error) && !repeated && isRepeatable(args.request)) repeated = true;
        else if (isUnknownHost(error)) {
          if (!inContainer || !(await lookup.wait())) throw error;
        } else if (callerWaits || !isAwsFailure(error, "crowded") || !(await patience.wait())) throw error;
      }
    }
  };
}

function isUnknownHost(error: unknown): boolean {
  return (error as { readonly syscall?: unknown }).syscall === "getaddrinfo";
}

/** Whether the body of a request can be sent once more. */
function isRepeatable(request: unknown): boolean {
  return !((request as { readonly body?: unknown }).body instanceof Readable);
}
