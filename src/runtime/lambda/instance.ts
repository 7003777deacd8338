import { join } from "node:path";
import { FunctionTimeoutError, type ProcessExitError } from "../../model/errors.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { createFrameWriter, FrameType } from "../../wire/frame.ts";
import { packAnswerText } from "../../wire/lambda-payload.ts";
import { encodeResult } from "../../wire/result.ts";
import { type ContainerCore, createContainerCore } from "../core.ts";
import { startedTooLate } from "../errors.ts";
import { loadFunction } from "../load.ts";
import type { ItemSink } from "../loop.ts";
import { postAnswer } from "./answer.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { createLambdaLog, type LambdaLog } from "./output.ts";
import { createWatchdog, WATCHDOG_GRACE_MS } from "./watchdog.ts";
import type { LastWords } from "./watchdog-thread.ts";

/** One execution environment of Lambda: what all its invocations share. */
export interface LambdaInstance {
  readonly settings: LambdaEnvironment;
  readonly core: ContainerCore;
  readonly log: LambdaLog;
  /**
   * Waits for the App, at most `startupTimeoutMs` from the first time it is asked: before that the environment may
   * stand still for hours. Rejects with what the module throws, and with `FunctionTimeoutError`.
   */
  start(): Promise<FunctionSpec>;
  /** Runs one input; the watchdog ends it with these words when it blocks. */
  run(spec: FunctionSpec, envelope: Envelope, words: LastWords, sendItem?: ItemSink): Promise<AttemptResult>;
  /** What is said from now on when user code ends the process; `null` when Lambda or the connection says it. */
  sayAtExit(words: ((error: ProcessExitError) => LastWords) | null): void;
  /** Answers an invocation past the runtime client, then ends the process. */
  endWith(result: AttemptResult, requestId: string, streamed: boolean): Promise<never>;
}

/** Makes it: faults and output are caught from now on, and the App begins to load. */
export function createLambdaInstance(settings: LambdaEnvironment): LambdaInstance {
  const exit = process.exit.bind(process);
  const watchdog = createWatchdog(new URL("./watchdog.mjs", import.meta.url));
  const log = createLambdaLog(settings);
  const bundle = { appFile: join(settings.taskRoot, "app.mjs"), sourceRoot: settings.taskRoot };
  let atExit: ((error: ProcessExitError) => LastWords) | null = null;
  let failLoading: (error: unknown) => void = () => undefined;
  const core: ContainerCore = createContainerCore(bundle, {
    onLine: log.write,
    onWritten: () => undefined,
    onLoadFailed: (error) => failLoading(error),
    // The next invocation finds the reason.
    onPoisoned: () => undefined,
    onStrayFault: log.system,
    onExit(error) {
      // A module that ends its process would end it before every input, and often before there is one to be told of it.
      if (!core.serving) throw error;
      if (atExit !== null) watchdog.sayNow(atExit(error));
    },
  });
  const start = loadOnce(settings, core, bundle, (fail) => (failLoading = fail));

  return {
    settings,
    core,
    log,
    start,
    async run(spec, envelope, words, sendItem) {
      watchdog.arm(Date.now() + spec.timeoutMs + WATCHDOG_GRACE_MS, words);
      const result = await core.run(envelope, sendItem);
      watchdog.disarm();
      if (spec.singleUseContainers) core.retire("it serves one input only");
      return result;
    },
    sayAtExit: (words) => (atExit = words),
    async endWith(result, requestId, streamed) {
      core.flush(undefined);
      await postAnswer(settings.runtimeApi, requestId, streamed ? lastFrame(result) : answerText(result), streamed);
      return exit(0);
    },
  };
}

/** The answer of an invocation that could not be run because its App did not load. */
export function notLoaded(core: ContainerCore, error: unknown): AttemptResult {
  return error instanceof FunctionTimeoutError ? { status: "timed-out", error: encodeError(error) } : core.failed(error);
}

/** The answer to an input that an environment does not take any more. */
export function notTaken(poison: string): AttemptResult {
  return { status: "not-started", reason: `the container ends: ${poison}`, retryAfterMs: 0 };
}

/** An answer as the text that Lambda is given; empty when it is too large. */
export function answerText(result: AttemptResult): string {
  return packAnswerText(encodeResult(result)) ?? "";
}

// --- Internal helpers ---

/** Begins to load the Function; the time that it may take begins with the first call. */
function loadOnce(
  settings: LambdaEnvironment,
  core: ContainerCore,
  bundle: { readonly appFile: string; readonly sourceRoot: string },
  onFault: (fail: (error: unknown) => void) => void,
): () => Promise<FunctionSpec> {
  const faulted = new Promise<never>((_, reject) => onFault(reject));
  const loading = Promise.race([loadFunction({ app: settings.declaredApp, bundle }, settings.fn), faulted]).then(({ spec, body }) => {
    core.serve(spec, body);
    return spec;
  });
  // The first invocation says it.
  loading.catch(() => undefined);
  let starting: Promise<FunctionSpec> | undefined;
  return () => (starting ??= withinStartup(loading, settings));
}

/** Rejects with `FunctionTimeoutError` when it takes longer than the Function allows from now on. */
function withinStartup<T>(loading: Promise<T>, { fn, startupTimeoutMs }: LambdaEnvironment): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(startedTooLate(fn, startupTimeoutMs)), startupTimeoutMs);
    loading.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

function lastFrame(result: AttemptResult): Uint8Array {
  const { text, parts } = encodeResult(result);
  const writer = createFrameWriter();
  writer.add(FrameType.result, 0, text, parts);
  return Buffer.concat(writer.take());
}
