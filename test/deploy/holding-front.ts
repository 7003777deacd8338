import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A way to an account that keeps some answers back, or changes them. */
export interface Front {
  readonly endpoint: string;
  close(): void;
}

/**
 * Passes requests on to an account, but from the first that matches `from` on, none that matches `held`: who waits for
 * their answers waits for ever, however fast the account is. `holds` resolves with the first of them.
 */
export async function holdAnswers(endpoint: string, from: RegExp, held: RegExp): Promise<Front & { readonly holds: Promise<void> }> {
  let holding = false;
  let tell: () => void;
  const holds = new Promise<void>((resolve) => (tell = resolve));
  const front = await passOn(endpoint, {
    holds(request) {
      if (holding && held.test(request)) {
        tell();
        return true;
      }
      holding ||= from.test(request);
      return false;
    },
    change: (answer) => answer,
  });
  return { ...front, holds };
}

/** Passes requests on to an account, and puts other words into the answers that match. */
export function changeAnswers(endpoint: string, said: RegExp, words: string): Promise<Front> {
  const change = (answer: Buffer): Buffer => {
    const text = answer.toString("latin1");
    return text.search(said) === -1
      ? answer
      : Buffer.from(
          text.replaceAll(said, () => words),
          "latin1",
        );
  };
  return passOn(endpoint, { holds: () => false, change });
}

// --- Internal helpers ---

interface Rule {
  holds(request: string): boolean;
  change(answer: Buffer): Buffer;
}

async function passOn(endpoint: string, { holds, change }: Rule): Promise<Front> {
  const { hostname, port } = new URL(endpoint);
  const front = createServer((incoming, response) => {
    void read(incoming).then((body) => {
      if (holds(body.toString("latin1"))) return;
      const { method, url: path, headers } = incoming;
      const onward = request({ hostname, port, method, path, headers }, (answer) => {
        void read(answer).then((found) => {
          const bytes = change(found);
          const { "transfer-encoding": _, ...rest } = answer.headers;
          const length = method === "HEAD" ? answer.headers["content-length"] : bytes.length;
          response.writeHead(answer.statusCode ?? 500, { ...rest, ...(length === undefined ? {} : { "content-length": length }) });
          response.end(bytes);
        });
      });
      onward.on("error", () => response.destroy());
      onward.end(body);
    });
  }).listen(0, "127.0.0.1");
  await once(front, "listening");
  return {
    endpoint: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    close() {
      front.closeAllConnections();
      front.close();
    },
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
