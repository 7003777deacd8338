import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { runtimeClient } from "./runtime-client.ts";

/** What a Lambda function is made of. */
export interface LambdaFunction {
  readonly name: string;
  /** The folder of its code. */
  readonly dir: string;
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Lambda's own timeout. */
  readonly timeoutMs: number;
}

/** One invocation, from its caller's request to its answer. */
export interface Invocation {
  readonly id: string;
  readonly event: string;
  /** A piece of a streamed answer. */
  onChunk(bytes: Buffer): void;
  /** Once: the answer, or why there is none. `payload` is empty after a stream. */
  onEnd(payload: string, error?: { readonly errorType: string; readonly errorMessage: string }): void;
}

/** An execution environment: AWS's runtime client in a process of its own, behind a runtime API of its own. */
export interface Environment {
  /** It has asked for work and has none. */
  readonly idle: boolean;
  readonly gone: boolean;
  readonly pid: number | undefined;
  give(invocation: Invocation): void;
  end(): Promise<void>;
}

/** Starts an environment. `onIdle` is called when it asks for work, `onGone` when its process has ended, `onLine` for its log. */
export type StartEnvironment = (
  fn: LambdaFunction,
  hooks: { onIdle(): void; onGone(): void; onLine(line: string): void },
) => Promise<Environment>;

const SHIM = join(import.meta.dirname, "../../../localstack/shared/runtime-shim.cjs");
/** As Go names the signals in Lambda's messages. */
const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  SIGKILL: "killed",
  SIGTERM: "terminated",
  SIGABRT: "aborted",
  SIGVTALRM: "virtual timer expired",
};

/** Lambda's quota of descriptors. */
const MAX_FILES = 1_024;
/** An event that comes at once finds the process running; after that it is stopped, as Lambda freezes it. */
const GRACE_MS = 20;

/** Starts one on this machine's own Node, with the runtime API of this file. */
export const startEnvironment: StartEnvironment = async (fn, hooks) => {
  let current: Invocation | null = null;
  let handedOut = false;
  let streaming = false;
  let answer: { readonly payload: string; readonly error?: { errorType: string; errorMessage: string } } | null = null;
  let asking: ServerResponse | null = null;
  let timer: NodeJS.Timeout | undefined;
  let freezing: NodeJS.Timeout | undefined;
  let timedOut = false;
  let gone = false;

  const finish = (payload: string, error?: { errorType: string; errorMessage: string }): void => {
    const ended = current;
    current = answer = null;
    handedOut = streaming = false;
    clearTimeout(timer);
    ended?.onEnd(payload, error);
  };
  // Lambda takes an answer for one when the next invocation is asked for: a process that ends in between has failed this one.
  // The client in plain JavaScript asks before its answer is out.
  const settle = (): void => {
    if (answer !== null && asking !== null) finish(answer.payload, answer.error);
  };
  const handOut = (): void => {
    if (current === null || handedOut || asking === null) return;
    handedOut = true;
    clearTimeout(freezing);
    child.kill("SIGCONT");
    const deadline = Date.now() + fn.timeoutMs;
    timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, fn.timeoutMs);
    asking.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": current.id,
      "lambda-runtime-deadline-ms": String(deadline),
      "lambda-runtime-invoked-function-arn": `arn:aws:lambda:us-east-1:000000000000:function:${fn.name}`,
      "lambda-runtime-trace-id": "Root=1-0-0;Parent=0;Sampled=0",
    });
    asking.end(current.event);
    asking = null;
  };
  // Its client may ask for work before its answer has arrived.
  const freezeWhenIdle = (): void => {
    freezing = setTimeout(() => (current === null ? void child.kill("SIGSTOP") : freezeWhenIdle()), GRACE_MS);
  };
  const answered = async (request: IncomingMessage, response: ServerResponse, id: string): Promise<void> => {
    const isStream = request.headers["lambda-runtime-function-response-mode"] === "streaming";
    const mine = current?.id === id && !streaming ? current : null;
    if (isStream && mine !== null) streaming = true;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        if (isStream) mine?.onChunk(chunk);
        else chunks.push(chunk);
      }
    } catch {
      return; // The process ended in the middle of it.
    }
    response.writeHead(mine === null ? 400 : 202, { "content-type": "application/json" }).end("{}");
    if (mine === null || current !== mine) return;
    streaming = false;
    answer = { payload: Buffer.concat(chunks).toString("utf8") };
    settle();
  };
  const server: Server = createServer((request, response) => {
    const [, , , what = "", id = "", kind = ""] = (request.url ?? "").split("/");
    if (what === "invocation" && id === "next") {
      asking = response;
      settle();
      freezeWhenIdle();
      if (current === null) hooks.onIdle();
      handOut();
    } else if (kind === "response") void answered(request, response, decodeURIComponent(id));
    else {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(202).end("{}");
        const body = Buffer.concat(chunks).toString("utf8");
        if (kind === "error") {
          answer = { payload: body, error: JSON.parse(body) as { errorType: string; errorMessage: string } };
          settle();
        } else hooks.onLine(`init error: ${body}`);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const limited = ["-c", `ulimit -n ${MAX_FILES} 2>/dev/null; exec "$@"`, "sh"];
  const child: ChildProcess = spawn("/bin/sh", [...limited, process.execPath, "--require", SHIM, await runtimeClient()], {
    cwd: fn.dir,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: "true",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
      ...variablesOf(fn),
    },
  });
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) createInterface({ input: stream }).on("line", hooks.onLine);
  const ended = new Promise<void>((resolve) => {
    child.on("exit", (code, signal) => {
      gone = true;
      clearTimeout(timer);
      clearTimeout(freezing);
      const how = signal === null ? `exit status ${code}` : `signal: ${SIGNAL_NAMES[signal] ?? signal}`;
      const why = code === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: ${how}`;
      const id = current?.id ?? "";
      if (timedOut)
        finish("", {
          errorType: "Sandbox.Timedout",
          errorMessage: `RequestId: ${id} Error: Task timed out after ${(fn.timeoutMs / 1000).toFixed(2)} seconds`,
        });
      else if (streaming) finish("", { errorType: "Runtime.TruncatedResponse", errorMessage: "" });
      else finish("", { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${id} Error: ${why}` });
      server.close();
      server.closeAllConnections();
      hooks.onGone();
      resolve();
    });
  });
  return {
    get idle() {
      return asking !== null && current === null && !gone;
    },
    get gone() {
      return gone;
    },
    pid: child.pid,
    give(invocation) {
      current = invocation;
      handOut();
    },
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
};

/** The variables that every environment of a function has. */
export function variablesOf(fn: LambdaFunction): Readonly<Record<string, string>> {
  return {
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    AWS_LAMBDA_LOG_STREAM_NAME: `2026/01/01/[$LATEST]${randomUUID().replaceAll("-", "")}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    LAMBDA_TASK_ROOT: fn.dir,
    _HANDLER: fn.handler,
    ...fn.variables,
  };
}
