import { Agent as HttpAgent, type ClientRequest } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Gate } from "./gate.ts";

/** The services that clients connect to. Events of Lambda count apart, since invocations hold their sockets for long. */
export type SocketsOf = "lambda" | "events" | "dynamodb" | "s3" | "sqs" | "ssm";

/** What requests go out through. */
export interface Sockets {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
  /** A request waits here, unsigned and untimed, until there is a socket for it. */
  readonly gate: Gate;
}

/**
 * Sockets of one container by service, all its clients together: 400 in all. A process on Lambda has 1,024 descriptors (Lambda
 * quotas, "File descriptors"); the others are left to user code.
 */
export const CONTAINER_SOCKETS: Readonly<Record<SocketsOf, number>> = {
  lambda: 280,
  events: 30,
  dynamodb: 45,
  s3: 25,
  sqs: 15,
  ssm: 5,
};

/** The sockets of a new client, `maxSockets` of its own. */
export function createSockets(maxSockets: number): Sockets {
  const options = { keepAlive: true, maxSockets, maxTotalSockets: maxSockets };
  return { httpAgent: watched(new HttpAgent(options)), httpsAgent: watched(new HttpsAgent(options)), gate: new Gate(maxSockets) };
}

/** The sockets that all clients of a service have in a container. */
export function containerSockets(service: SocketsOf): Sockets {
  const known = shared.get(service) ?? everlasting(createSockets(CONTAINER_SOCKETS[service]));
  shared.set(service, known);
  return known;
}

/**
 * Whether an error is of a kept-alive socket that turned out to be dead: it had carried a request before, and not a byte of an
 * answer came on it this time. The other idle sockets of its agent are closed then, so that a repeat goes out on a new one.
 */
export function isStaleSocket(error: unknown): boolean {
  return typeof error === "object" && error !== null && stale.has(error);
}

// --- Internal helpers ---

const RESETS = new Set(["ECONNRESET", "EPIPE"]);
const shared = new Map<SocketsOf, Sockets>();
const stale = new WeakSet<object>();

/** Clients come and go; the sockets that they share stay. An idle one does not keep the process alive. */
function everlasting(sockets: Sockets): Sockets {
  for (const agent of [sockets.httpAgent, sockets.httpsAgent]) agent.destroy = () => undefined;
  return sockets;
}

/** Notes the errors of sockets that are used again. */
function watched<T extends HttpAgent>(agent: T): T {
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request);
    noteReset(agent, request);
  };
  return agent;
}

function noteReset(agent: HttpAgent, request: ClientRequest): void {
  let readBefore = 0;
  request.once("socket", (socket) => (readBefore = socket.bytesRead));
  request.once("error", (error: NodeJS.ErrnoException) => {
    if (!RESETS.has(error.code ?? "") || (request.socket?.bytesRead ?? 0) !== readBefore) return;
    stale.add(error);
    for (const idle of Object.values(agent.freeSockets)) for (const socket of [...(idle ?? [])]) socket.destroy();
  });
}
