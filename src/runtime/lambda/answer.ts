import { request } from "node:http";

/** The path at Lambda's runtime API that takes the answer of one invocation. */
export function answerPath(requestId: string): string {
  return `/2018-06-01/runtime/invocation/${encodeURIComponent(requestId)}/response`;
}

/**
 * Gives an invocation's answer to Lambda past its runtime client, for an environment that ends afterwards: the client
 * would ask for the next invocation at once. Resolves when Lambda has it, or when it can't be reached.
 */
export function postAnswer(runtimeApi: string, requestId: string, body: string | Uint8Array, streamed = false): Promise<void> {
  const at = runtimeApi.lastIndexOf(":");
  const headers = streamed
    ? { "Content-Type": "application/octet-stream", "Lambda-Runtime-Function-Response-Mode": "streaming", "Transfer-Encoding": "chunked" }
    : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const post = request(
      { host: runtimeApi.slice(0, at), port: Number(runtimeApi.slice(at + 1)), method: "POST", path: answerPath(requestId), headers },
      (response) => response.resume().on("end", resolve).on("error", resolve),
    );
    post.on("error", () => resolve());
    post.end(body);
  });
}
