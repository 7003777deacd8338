import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A way to an account that keeps some answers back. */
export interface HoldingFront {
  readonly endpoint: string;
  close(): void;
}

/**
 * Passes requests on to an account, but from the first that matches `from` on, none that matches `held`: who waits for
 * their answers waits for ever, however fast the account is.
 */
export async function holdAnswers(endpoint: string, from: RegExp, held: RegExp): Promise<HoldingFront> {
  const { hostname, port } = new URL(endpoint);
  let holding = false;
  const front = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => void parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const text = body.toString("latin1");
      if (holding && held.test(text)) return;
      holding ||= from.test(text);
      const { method, url: path, headers } = incoming;
      const onward = request({ hostname, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
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
