import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request of DynamoDB's is answered with: a status and a JSON body. */
export type Answer = readonly [status: number, body: unknown];

/** A server that speaks DynamoDB's protocol and answers as a test says: for faults that no emulator makes. */
export interface FaultyDynamoDb {
  readonly endpoint: string;
  /** Every request that came: the operation, and its parameters. */
  readonly requests: { readonly operation: string; readonly body: Record<string, unknown> }[];
  close(): Promise<void>;
}

/** The answer of a table that has too much to do. */
export const throttled: Answer = [
  400,
  { __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", message: "too much" },
];

export async function startFaultyDynamoDb(answer: (operation: string, body: Record<string, unknown>) => Answer): Promise<FaultyDynamoDb> {
  const requests: { operation: string; body: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      requests.push({ operation, body });
      const [status, answered] = answer(operation, body);
      response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(answered));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
