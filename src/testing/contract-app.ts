// The App that the contract suites call. It is bundled and run as any user's App is.
import { writeFileSync } from "node:fs";
import { App, currentAttempt, currentFunctionCallId, currentInputId, currentInputSignal, isLocal, Retries } from "tenon";

/** An error of the App's own, to see that its class arrives. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  readonly detail: string;

  constructor(message: string, detail: string, options?: ErrorOptions) {
    super(message, options);
    this.detail = detail;
  }
}

/** The App that the contract suites call. */
export const contractApp = new App("tenon-contract");

const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });

/** Gives back its argument. */
export const echo = contractApp.function("echo", async (value: unknown) => value);

/** Adds without a promise. */
export const add = contractApp.function("add", (a: number, b: number) => a + b);

/** Throws an error of the App's own class, with a cause. */
export const fail = contractApp.function("fail", async (detail: string) => {
  throw new ContractError("it failed", detail, { cause: new RangeError("the cause") });
});

/** Returns what can't be sent. */
export const unsendable = contractApp.function("unsendable", async () => ({ rows: [{ callback: () => 1 }] }));

/** Takes a while and minds its signal. */
export const sleep = contractApp.function("sleep", async (ms: number) => {
  await pause(ms, currentInputSignal());
  return "slept";
});

/** Runs out of time while it awaits. */
export const slow = contractApp.function("slow", { timeoutMs: 1_000 }, async () => pause(60_000));

/** Runs out of time while it blocks its process. */
export const busy = contractApp.function("busy", { timeoutMs: 1_000 }, async () => {
  for (;;) Math.sqrt(Math.random());
});

/** Ends its process. */
export const exit = contractApp.function("exit", async (code: number) => process.exit(code));

/** Leaves a rejection unhandled, then waits. */
export const reject = contractApp.function("reject", async () => {
  void Promise.reject(new ContractError("nobody caught it", "unhandled"));
  await pause(10_000);
});

/** Is killed from outside the runtime's reach. */
export const die = contractApp.function("die", async () => {
  process.kill(process.pid, "SIGKILL");
  await pause(10_000);
});

/** Says what a body can learn of its input. */
export const context = contractApp.function("context", async () => ({
  isLocal: isLocal(),
  callId: currentFunctionCallId(),
  inputId: currentInputId(),
  attempt: currentAttempt(),
}));

/** Fails until the given attempt. */
export const flaky = contractApp.function(
  "flaky",
  { retries: new Retries({ maxRetries: 3, initialDelayMs: 0 }) },
  async (succeedsAt: number) => {
    const attempt = currentAttempt() ?? 0;
    if (attempt < succeedsAt) throw new ContractError("not yet", String(attempt));
    return attempt;
  },
);

const busyFor = async (ms: number): Promise<readonly [number, number]> => {
  const beginMs = Date.now();
  await pause(ms);
  return [beginMs, Date.now()];
};

/** Says when it began and ended; one at a time. */
export const oneAtATime = contractApp.function("oneAtATime", { maxContainers: 1 }, busyFor);

/** Says when it began and ended; two at a time. */
export const twoAtATime = contractApp.function("twoAtATime", { maxContainers: 2 }, busyFor);

/** Says which process ran it, which runs nothing after it. */
export const onceOnly = contractApp.function("onceOnly", { singleUseContainers: true }, async () => process.pid);

/** Calls itself so many times. */
export const nest = contractApp.function("nest", async (levels: number): Promise<number> =>
  levels === 0 ? 0 : 1 + (await nest.remote(levels - 1)),
);

/** Yields so many numbers, then returns how many. */
export const range = contractApp.function("range", async function* (count: number) {
  for (let i = 0; i < count; i++) yield i;
  return count;
});

/** Yields once, then throws. */
export const broken = contractApp.function("broken", async function* () {
  yield "first";
  throw new ContractError("after the first", "generator");
});

/** Yields for ever and writes a file when it is ended. */
export const endless = contractApp.function("endless", async function* (endFile: string) {
  try {
    for (let i = 0; ; i++) yield i;
  } finally {
    writeFileSync(endFile, "ended");
  }
});
