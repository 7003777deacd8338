import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { EmulatorUnavailable } from "../../../localstack/errors.js";
import { installRie, type Rie } from "../../../localstack/rie/install.js";
import { type Environment, type Invocation, type LambdaFunction, type StartEnvironment, variablesOf } from "./environment.ts";

/** AWS's emulator of its own runtime, or why there is none here. */
export interface FoundRie {
  readonly missing: boolean;
  /** Starts environments of it; throws where there is none. */
  readonly start: StartEnvironment;
}

/** Finds it. Where this machine lacks what builds it, it says loudly what is left out; with `CI=true` it throws instead. */
export async function findRie(env: NodeJS.ProcessEnv = process.env): Promise<FoundRie> {
  try {
    const rie = await installRie(env);
    return { missing: false, start: (fn, hooks) => startRieEnvironment(rie, fn, hooks) };
  } catch (error) {
    if (!(error instanceof EmulatorUnavailable) || env["CI"] === "true") throw error;
    console.warn(`\n*** LEFT OUT: all tests of this file that need AWS's runtime emulator ***\n${error.message}\n`);
    return { missing: true, start: () => Promise.reject(error) };
  }
}

type Ended = { readonly payload: string; readonly error?: { readonly errorType: string; readonly errorMessage: string } };

const PATH = "/2015-03-31/functions/function/invocations";
/** What the emulator notes when an invocation has failed: its caller is not told of it when there was an answer as well. */
const FAILED = /Invoke failed.*error="([^"]+)"/;

/** An environment of it: it starts the process again when that has ended, and has answers whole, streams as well. */
async function startRieEnvironment(rie: Rie, fn: LambdaFunction, hooks: Parameters<StartEnvironment>[1]): Promise<Environment> {
  const [port, apiPort] = [await freePort(), await freePort()];
  const addresses = ["--runtime-interface-emulator-address", `127.0.0.1:${port}`, "--runtime-api-address", `127.0.0.1:${apiPort}`];
  const child = spawn(rie.command, [...addresses, process.execPath, rie.runtimeClient, fn.handler], {
    cwd: fn.dir,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      AWS_LAMBDA_FUNCTION_TIMEOUT: String(Math.ceil(fn.timeoutMs / 1_000)),
      ...variablesOf(fn),
    },
  });
  let failure = "";
  let busy = false;
  let gone = false;
  const onLine = (line: string): void => {
    failure = FAILED.exec(line)?.[1] ?? failure;
    hooks.onLine(line);
  };
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
  const ended = new Promise<void>((resolve) => {
    child.on("exit", () => {
      gone = true;
      hooks.onGone();
      resolve();
    });
  });
  await untilListening(port, () => gone);

  const invoke = async (invocation: Invocation): Promise<void> => {
    failure = "";
    const init = { method: "POST", body: invocation.event, headers: { "X-Amzn-RequestId": invocation.id } };
    const answer = await fetch(`http://127.0.0.1:${port}${PATH}`, init).then(
      async (response) => ({ status: response.status, body: Buffer.from(await response.arrayBuffer()) }),
      (error: unknown) => ({ status: 0, body: Buffer.from(String(error)) }),
    );
    // Its note of a failure is on its way through a pipe.
    await new Promise((resolve) => setTimeout(resolve, answer.status === 200 ? 0 : 50));
    const { payload, error } = readAnswer(answer, invocation.id, failure);
    busy = false;
    if (error === undefined && fn.handler.endsWith("streamHandler")) {
      invocation.onChunk(answer.body);
      invocation.onEnd("");
    } else invocation.onEnd(payload, error);
    if (!gone) hooks.onIdle();
  };
  queueMicrotask(hooks.onIdle);
  return {
    get idle() {
      return !busy && !gone;
    },
    get gone() {
      return gone;
    },
    pid: child.pid,
    give(invocation) {
      busy = true;
      void invoke(invocation);
    },
    async end() {
      const started = childrenOf(child);
      child.kill("SIGKILL");
      await ended;
      for (const pid of started) endProcess(pid);
    },
  };
}

/** What a caller of AWS would be told. */
function readAnswer({ status, body }: { readonly status: number; readonly body: Buffer }, id: string, failure: string): Ended {
  const payload = body.toString("utf8");
  if (/^Task timed out after [\d.]+ seconds$/.test(payload))
    return { payload: "", error: { errorType: "Sandbox.Timedout", errorMessage: `RequestId: ${id} Error: ${payload}` } };
  const said = readError(payload);
  if (said !== undefined) return { payload, error: said };
  if (status === 200) return { payload };
  return {
    payload: "",
    error: { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${id} Error: ${failure || `status ${status}`}` },
  };
}

function readError(payload: string): { errorType: string; errorMessage: string } | undefined {
  if (!payload.startsWith("{")) return undefined;
  const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: unknown; errorMessage?: unknown };
  return typeof errorType === "string" ? { errorType, errorMessage: String(errorMessage) } : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number, gone: () => boolean): Promise<void> {
  const connects = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false)).on("close", () => socket.destroy());
      socket.on("connect", () => socket.destroy());
    });
  while (!(await connects())) {
    if (gone()) throw new RangeError("AWS's runtime emulator ended while it started.");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The processes that it has started: they lead groups of their own and would outlive it. */
function childrenOf({ pid }: ChildProcess): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}
