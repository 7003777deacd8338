import { join } from "node:path";
import { userExitStatus } from "../../adapters/functions/aws-exit-status.ts";
import { FunctionTimeoutError, type ProcessExitError } from "../../model/errors.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { type ContainerCore, createContainerCore } from "../core.ts";
import { startedTooLate } from "../errors.ts";
import { loadFunction } from "../load.ts";
import type { ItemSink } from "../loop.ts";
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
   * Waits for the App in the environment's init, where Lambda gives it a whole processor: until {@link INIT_WAIT_MS} after the
   * process began, or for all of `startupTimeoutMs` in an environment that is provisioned. Never rejects.
   */
  initialize(): Promise<void>;
  /**
   * Waits for the App, at most `startupTimeoutMs` from the first time it is asked, less what init has waited: in between the
   * environment may stand still for hours. Rejects with what the module throws, and with `FunctionTimeoutError`.
   */
  start(): Promise<FunctionSpec>;
  /** Runs one input; the watchdog ends it, after these words, when it blocks. */
  run(spec: FunctionSpec, envelope: Envelope, words: LastWords | null, sendItem?: ItemSink): Promise<AttemptResult>;
  /** What is done from now on when user code ends the process, while this thread waits; `null` when its exit status says it all. */
  atExit(say: ((error: ProcessExitError) => void) | null): void;
  /** Says the words while this thread waits. */
  sayNow(words: LastWords): void;
  /** Ends the process, which must not have answered: its exit status, one of {@link EXIT_STATUS}, says why. */
  end(status: number): never;
}

/** How long after its process began an environment waits for its App: Lambda gives init 10 s, and begins it again after that. */
export const INIT_WAIT_MS = 8_000;

/** Makes it: faults and output are caught from now on, and the App begins to load. */
export function createLambdaInstance(settings: LambdaEnvironment): LambdaInstance {
  const exit = process.exit.bind(process);
  const watchdog = createWatchdog(new URL("./watchdog.mjs", import.meta.url));
  const log = createLambdaLog(settings);
  const bundle = { appFile: join(settings.taskRoot, "app.mjs"), sourceRoot: settings.taskRoot };
  let say: ((error: ProcessExitError) => void) | null = null;
  let failLoading: (error: unknown) => void = () => undefined;
  const core: ContainerCore = createContainerCore(bundle, {
    onLine: log.write,
    onWritten: () => undefined,
    onLoadFailed: (error) => failLoading(error),
    // The next invocation finds the reason.
    onPoisoned: () => undefined,
    onStrayFault: (text) => log.system(text),
    onExit(error) {
      // A module that ends its process would end it before every input, and often before there is one to be told of it.
      if (!core.serving) throw error;
      say?.(error);
      return exit(userExitStatus(error.exitCode ?? 0));
    },
  });

  return {
    settings,
    core,
    log,
    ...loadOnce(settings, core, bundle, (fail) => (failLoading = fail)),
    async run(spec, envelope, words, sendItem) {
      watchdog.arm(Date.now() + spec.timeoutMs + WATCHDOG_GRACE_MS, words);
      const result = await core.run(envelope, sendItem);
      watchdog.disarm();
      if (spec.singleUseContainers) core.retire("it serves one input only");
      return result;
    },
    atExit: (next) => (say = next),
    sayNow: watchdog.sayNow,
    end(status) {
      core.flush(undefined);
      return exit(status);
    },
  };
}

/**
 * The result of an invocation that could not be run because its App did not load. The environment takes nothing after it, so
 * that the next one loads the App anew.
 */
export function notLoaded(core: ContainerCore, error: unknown): AttemptResult {
  core.retire("its App did not load");
  return error instanceof FunctionTimeoutError ? { status: "timed-out", error: encodeError(error) } : core.failed(error);
}

// --- Internal helpers ---

/** Begins to load the Function. The time that it may take does not run while the environment may stand still. */
function loadOnce(
  settings: LambdaEnvironment,
  core: ContainerCore,
  bundle: { readonly appFile: string; readonly sourceRoot: string },
  onFault: (fail: (error: unknown) => void) => void,
): Pick<LambdaInstance, "initialize" | "start"> {
  const faulted = new Promise<never>((_, reject) => onFault(reject));
  const loading = Promise.race([loadFunction({ app: settings.declaredApp, bundle }, settings.fn), faulted]).then(({ spec, body }) => {
    core.serve(spec, body);
    return spec;
  });
  // The first invocation says it.
  const settled = loading.then(
    () => undefined,
    () => undefined,
  );
  const { startupTimeoutMs, provisioned } = settings;
  let leftMs = startupTimeoutMs;
  let starting: Promise<FunctionSpec> | undefined;
  return {
    async initialize() {
      const beganMs = Date.now();
      const initMs = provisioned ? startupTimeoutMs : INIT_WAIT_MS - process.uptime() * 1_000;
      await within(settled, Math.min(initMs, startupTimeoutMs), (done) => done(undefined));
      leftMs -= Date.now() - beganMs;
    },
    start: () => (starting ??= within(loading, leftMs, (_, fail) => fail(startedTooLate(settings.fn, startupTimeoutMs)))),
  };
}

/** What a promise comes to, or what `late` says when that takes longer. */
function within<T>(
  promise: Promise<T>,
  ms: number,
  late: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => late(resolve, reject), ms);
    promise.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
