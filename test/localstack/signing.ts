import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import type { Emulator } from "../../localstack/start.js";

/** A request as it goes over the wire. `path` is encoded, with its query; the values of headers may be lists. */
export interface Wire {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who signs, for which service, and how. */
export interface Signing {
  readonly credentials: Emulator["credentials"];
  readonly service: string;
  /** @default now */
  readonly at?: Date;
  /** What stands for the body. @default - its hash */
  readonly payload?: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** Sends a request to an endpoint, whatever its `Host` says. */
export async function send(endpoint: string, { method, path, headers, body }: Wire): Promise<WireAnswer> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { "content-length": Buffer.byteLength(body), ...headers } }, (answer) => {
      text(answer).then((read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** The request with its signature in a header; all its headers are signed. */
export function signed(wire: Wire, signing: Signing): Wire {
  const timestamp = timestampOf(signing.at);
  const payload = signing.payload ?? hash(wire.body);
  const { sessionToken } = signing.credentials;
  const headers: Record<string, string> = {
    ...wire.headers,
    "x-amz-date": timestamp,
    ...(signing.service === "s3" && { "x-amz-content-sha256": payload }),
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const { scope, names, signature } = signatureOf({ ...wire, headers }, signing, timestamp, payload);
  const credential = `${signing.credentials.accessKeyId}/${scope}`;
  return {
    ...wire,
    headers: { ...headers, authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}` },
  };
}

/** The request with its signature in the query. */
export function presigned(wire: Wire, signing: Signing, expiresSeconds = 60): Wire {
  const timestamp = timestampOf(signing.at);
  const names = Object.keys(wire.headers).toSorted().join(";");
  const query = new URLSearchParams({
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Credential": `${signing.credentials.accessKeyId}/${scopeOf(signing, timestamp)}`,
    "X-Amz-Date": timestamp,
    "X-Amz-Expires": String(expiresSeconds),
    "X-Amz-SignedHeaders": names,
    ...(signing.credentials.sessionToken !== undefined && { "X-Amz-Security-Token": signing.credentials.sessionToken }),
  });
  const path = `${wire.path}${wire.path.includes("?") ? "&" : "?"}${query.toString()}`;
  const payload = signing.service === "s3" ? "UNSIGNED-PAYLOAD" : hash(wire.body);
  const { signature } = signatureOf({ ...wire, path }, signing, timestamp, payload);
  return { ...wire, path: `${path}&X-Amz-Signature=${signature}` };
}

/** A request whose body is signed in chunks, as SDKs for other languages do over plain HTTP. */
export function chunked(wire: Wire, signing: Signing, chunks: readonly string[]): Wire {
  const timestamp = timestampOf(signing.at);
  const headers = {
    ...wire.headers,
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": String(chunks.join("").length),
  };
  const head = signed({ ...wire, headers }, { ...signing, payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" });
  let previous = /Signature=(\w+)/.exec(head.headers["authorization"]!)![1]!;
  const parts = [...chunks, ""].map((chunk) => {
    const string = [`${ALGORITHM}-PAYLOAD`, timestamp, scopeOf(signing, timestamp), previous, hash(""), hash(chunk)].join("\n");
    previous = hmac(keyOf(signing, timestamp), string).toString("hex");
    return `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}\r\n`;
  });
  return { ...head, body: parts.join("") };
}

// --- Internal helpers ---

const hash = (data: string): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
const timestampOf = (at = new Date()): string => at.toISOString().replace(/[-:]|\.\d+/g, "");
const scopeOf = ({ service }: Signing, timestamp: string): string => `${timestamp.slice(0, 8)}/us-east-1/${service}/aws4_request`;

function keyOf(signing: Signing, timestamp: string): Buffer {
  const steps = scopeOf(signing, timestamp).split("/");
  return steps.reduce<string | Buffer>(hmac, `AWS4${signing.credentials.secretAccessKey}`) as Buffer;
}

function signatureOf(wire: Wire, signing: Signing, timestamp: string, payload: string) {
  const [path = "", query = ""] = wire.path.split("?");
  const headers = Object.entries(wire.headers).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const names = headers.map(([name]) => name).join(";");
  const canonical = [
    wire.method,
    signing.service === "s3" ? path : path.split("/").map(encodeURIComponent).join("/"),
    query.split("&").toSorted().join("&"),
    ...headers.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    payload,
  ];
  const scope = scopeOf(signing, timestamp);
  const string = [ALGORITHM, timestamp, scope, hash(canonical.join("\n"))].join("\n");
  return { scope, names, signature: hmac(keyOf(signing, timestamp), string).toString("hex") };
}
