import { inputContext } from "../context/context.ts";
import type { FunctionSpec } from "../model/function-spec.ts";
import type { ProcessExitError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { createStackMapper } from "../util/source-map.ts";
import type { Envelope } from "../wire/envelope.ts";
import { encodeError } from "../wire/error-codec.ts";
import { catchFaults } from "./faults.ts";
import type { RunningInput } from "./input.ts";
import type { ImportableBundle } from "../util/import-bundle.ts";
import { createLoop, type ItemSink, type Loop } from "./loop.ts";
import { captureOutput, type LineSink } from "./output.ts";

/** What a container says to those who started it. Each kind of container says it in its own protocol. */
export interface ContainerProtocol {
  /** A line that an input wrote, or the module. */
  readonly onLine: LineSink;
  /** Comes after the lines of each write: a body that blocks from then on has said them. */
  readonly onWritten: () => void;
  /** User code failed before its module was loaded. */
  readonly onLoadFailed: (error: unknown) => void;
  /** The container can't be trusted any more and must take no further input. Comes once. */
  readonly onPoisoned: (reason: string) => void;
  /** Something went wrong that belongs to no running input; `text` is for the log. */
  readonly onStrayFault: (text: string) => void;
  /**
   * User code ends the process, and its lines are out. Inputs of the list fail by it. What must still be said must be
   * out when this returns. When it throws, the process goes on.
   */
  readonly onExit: (error: ProcessExitError, inputs: readonly RunningInput[]) => void;
}

/** What every container does, in every backend. */
export interface ContainerCore {
  /** Whether the module is loaded: inputs can run. */
  readonly serving: boolean;
  /** Why it takes no more inputs; `null` while it takes them. */
  readonly poison: string | null;
  /** Begins to serve a Function, whose module is loaded. */
  serve(spec: FunctionSpec, body: (...args: unknown[]) => unknown): void;
  /** Runs one input to its result, after which its lines are out. Never rejects. Call it only while {@link ContainerCore.serving}. */
  run(envelope: Envelope, sendItem?: ItemSink): Promise<AttemptResult>;
  /** Asks a running input to end. */
  cancel(inputId: string): void;
  /** Takes no more inputs from now on; the first reason counts. */
  retire(reason: string): void;
  /** The result of an input that failed outside its body; the stack names the user's source lines. */
  failed(error: unknown): AttemptResult;
  /** Gives out what an input, or the module, wrote without a line end. */
  flush(inputId: string | undefined): void;
}

/** Makes it. Faults and output are caught from now on, so that the module's own are seen too. */
export function createContainerCore(bundle: ImportableBundle, protocol: ContainerProtocol): ContainerCore {
  const { appFile, sourceRoot } = bundle;
  const stacks = { mapStack: createStackMapper(appFile, `${appFile}.map`, sourceRoot) };
  const output = captureOutput(currentInput, protocol.onLine, protocol.onWritten);
  let loop: Loop | null = null;
  let poison: string | null = null;
  const retire = (reason: string): void => {
    if (poison !== null) return;
    poison = reason;
    protocol.onPoisoned(reason);
  };
  catchFaults({
    onExit(error, input) {
      if (loop === null) protocol.onLoadFailed(error);
      const inputs = input === undefined ? [...(loop?.running.values() ?? [])] : [input];
      for (const { inputId } of inputs) output.flush(inputId);
      output.flush(undefined);
      protocol.onExit(error, inputs);
    },
    onUncaught(error, input) {
      if (loop === null) return protocol.onLoadFailed(error);
      if (input !== undefined && !input.settled) loop.fail(error, input.inputId);
      else protocol.onStrayFault(`uncaught, and it belongs to no running call: ${describe(error)}`);
      retire("an exception was not caught");
    },
  });
  return {
    get serving() {
      return loop !== null;
    },
    get poison() {
      return poison;
    },
    serve(spec, body) {
      loop = createLoop({ spec, body, ...stacks, onSettled: output.flush, onPoisoned: retire });
    },
    run: (envelope, sendItem) => (loop as Loop).run(envelope, sendItem),
    cancel: (inputId) => loop?.cancel(inputId),
    retire,
    failed: (error) => ({ status: "failed", error: encodeError(error, stacks) }),
    flush: (inputId) => output.flush(inputId),
  };
}

// --- Internal helpers ---

function currentInput(): RunningInput | undefined {
  return inputContext.getStore() as RunningInput | undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
