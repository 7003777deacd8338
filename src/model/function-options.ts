import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import { resolveFunctionEnv } from "./function-env.ts";
import { FUNCTION_OPTION_NAMES } from "./function-option-names.ts";
import type { FunctionSpec } from "./function-spec.ts";
import { checkFunctionName } from "./names.ts";
import { checkBoolean, checkNumber, checkOptionNames, checkOptionsObject } from "./option-checks.ts";
import type { NumberRange } from "./option-checks.ts";
import { joinUses, resolveUses, type Usable } from "./object-use.ts";
import { type Permission, resolvePermissions } from "./permissions.ts";
import { resolveRetries } from "./retry-policy.ts";
import type { RetriesOptions } from "./retry-policy.ts";

/**
 * What a Function may ask for. Every option has a default; an option given as `undefined` takes it.
 *
 * @example
 * import { App } from "tenon";
 *
 * const app = new App("thumbnails");
 *
 * export const resize = app.function(
 *   "resize",
 *   { memoryMiB: 2048, timeoutMs: 60_000, retries: { maxRetries: 3, initialDelayMs: 2_000 }, maxContainers: 20 },
 *   async (image: Uint8Array, width: number) => image.subarray(0, width),
 * );
 */
export interface FunctionOptions {
  /**
   * Execution time of one attempt, in milliseconds: 1,000 to 86,400,000 (24 h), as in Modal. Waiting and start-up do
   * not count. An attempt that takes longer ends with `FunctionTimeoutError`, which counts against `retries`.
   * @default 300_000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Time to import the module and start the container, in milliseconds: 1,000 to 86,400,000 (24 h), as in Modal.
   * @default - the value of `timeoutMs`
   */
  readonly startupTimeoutMs?: number | undefined;
  /**
   * Memory of one container, in MiB: 128 (Lambda's least) to 122,880 (Fargate's most). A container that takes more is
   * killed, and its input is lost and run again.
   * @default 1_024
   */
  readonly memoryMiB?: number | undefined;
  /**
   * Processor cores of one container, fractional: more than 0, at most 16 (Fargate's most).
   * @default 0.125
   */
  readonly cpu?: number | undefined;
  /**
   * How a failed or timed-out attempt is repeated: a number of retries (0 to 10, one second apart), or a policy.
   * Generators can't be retried. Make the Function idempotent: an attempt can have effects and fail afterwards.
   * @default 0
   */
  readonly retries?: number | RetriesOptions | undefined;
  /**
   * Environment variables of the container. Keys are two or more letters, digits and underscores, a letter first (Lambda's
   * rule); those that begin with `TENON_` or that Lambda reserves are refused. Keys and values together are at most 4,096 bytes (Lambda's limit). They are no
   * secrets: they stand in the manifest.
   * @default {}
   */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Containers kept warm also when there is nothing to do: 0 to 4,000, at most `maxContainers`. @default 0 */
  readonly minContainers?: number | undefined;
  /**
   * Most containers at a time: 1 to 4,000 (Modal's limit per Function). On AWS it holds for spawned calls and those of a
   * `timeoutMs` above 300,000, up to 1,000; `plan` says so.
   * @default - no limit of its own
   */
  readonly maxContainers?: number | undefined;
  /** Idle containers kept beyond those in use while the Function is active: 0 to 4,000. @default 0 */
  readonly bufferContainers?: number | undefined;
  /** How long a container stays with nothing to do, in milliseconds: 2,000 to 1,200,000 (20 min), as in Modal. @default 60_000 */
  readonly scaledownWindowMs?: number | undefined;
  /** Whether a container ends after one input, so that no input sees what another left. @default false */
  readonly singleUseContainers?: boolean | undefined;
  /**
   * The named objects that it may use, such as `[seen]` or `[Dict.named("user-*")]`; no others of its App's.
   * @default - all that its App may use
   */
  readonly uses?: readonly Usable[] | undefined;
  /**
   * What its code may do on AWS beside what Tenon's own objects need and what its App permits. This machine has no roles:
   * there the code has the rights of whoever runs it.
   * @default []
   */
  readonly permissions?: readonly Permission[] | undefined;
}

/** The containers that one Function may have, as in Modal. */
export const MAX_CONTAINERS = 4_000;

/** How long an idle container stays unless the Function says otherwise, as in Modal. */
export const DEFAULT_SCALEDOWN_WINDOW_MS = 60_000;

const TIME: NumberRange = { min: 1_000, max: 86_400_000, unit: "milliseconds" };
const MEMORY: NumberRange = { min: 128, max: 122_880, unit: "MiB" };
const CONTAINERS: NumberRange = { min: 0, max: MAX_CONTAINERS };
const WINDOW: NumberRange = { min: 2_000, max: 1_200_000, unit: "milliseconds" };
const MAX_CPU = 16;

/**
 * A Function as declared, every option checked and every default filled in.
 *
 * Throws `InvalidError` for a wrong name, an unknown or renamed option, a value out of its range, `minContainers` above
 * `maxContainers`, and retries of a generator.
 */
export function resolveFunctionOptions(name: string, kind: FunctionSpec["kind"], options?: FunctionOptions): FunctionSpec {
  const what = `Function "${checkFunctionName(name)}"`;
  const given = checkOptionsObject(what, options);
  checkOptionNames(what, given, FUNCTION_OPTION_NAMES);
  const integer = (option: keyof FunctionOptions, fallback: number, range: NumberRange): number =>
    given[option] === undefined ? fallback : checkNumber(what, option, given[option], range);

  const timeoutMs = integer("timeoutMs", 300_000, { ...TIME, hint: inMilliseconds("timeoutMs", given["timeoutMs"]) });
  const spec: FunctionSpec = {
    name,
    kind,
    timeoutMs,
    startupTimeoutMs: integer("startupTimeoutMs", timeoutMs, {
      ...TIME,
      hint: inMilliseconds("startupTimeoutMs", given["startupTimeoutMs"]),
    }),
    memoryMiB: integer("memoryMiB", 1_024, MEMORY),
    cpu: checkCpu(what, given["cpu"]),
    retries: resolveRetries(given["retries"] as FunctionOptions["retries"], what),
    env: resolveFunctionEnv(what, given["env"]),
    minContainers: integer("minContainers", 0, CONTAINERS),
    maxContainers:
      given["maxContainers"] === undefined ? null : checkNumber(what, "maxContainers", given["maxContainers"], { ...CONTAINERS, min: 1 }),
    bufferContainers: integer("bufferContainers", 0, CONTAINERS),
    scaledownWindowMs: integer("scaledownWindowMs", DEFAULT_SCALEDOWN_WINDOW_MS, {
      ...WINDOW,
      hint: inMilliseconds("scaledownWindowMs", given["scaledownWindowMs"]),
    }),
    singleUseContainers:
      given["singleUseContainers"] === undefined ? false : checkBoolean(what, "singleUseContainers", given["singleUseContainers"]),
    ...(given["uses"] === undefined ? {} : { uses: joinUses(resolveUses(what, given["uses"])) }),
    ...(given["permissions"] === undefined ? {} : { permissions: resolvePermissions(what, given["permissions"]) }),
  };
  checkTogether(what, spec);
  return spec;
}

// --- Internal helpers ---

function checkCpu(what: string, cpu: unknown): number {
  if (cpu === undefined) return 0.125;
  if (typeof cpu === "number" && cpu > 0 && cpu <= MAX_CPU) return cpu;
  throw new InvalidError(`${what}: cpu is ${showValue(cpu)}. It must be a number above 0 and at most ${MAX_CPU} cores.`, {
    hint: "Write cpu: 0.5 for half a core.",
  });
}

function checkTogether(what: string, spec: FunctionSpec): void {
  if (spec.maxContainers !== null && spec.minContainers > spec.maxContainers) {
    throw new InvalidError(
      `${what}: minContainers is ${spec.minContainers} and maxContainers is ${spec.maxContainers}. The least cannot be more than the most.`,
      {
        hint: "Raise maxContainers or lower minContainers.",
      },
    );
  }
  if (spec.kind === "generator" && spec.retries.maxRetries > 0) {
    throw new InvalidError(
      `${what}: retries is ${spec.retries.maxRetries}, but a generator cannot be retried: its first items may have been consumed.`,
      {
        hint: "Leave retries out, and call remoteGen again where the items allow it.",
      },
    );
  }
}

/** A small number, such as 300 for five minutes, was meant in seconds. */
function inMilliseconds(option: string, value: unknown): string | undefined {
  if (typeof value !== "number" || !(value > 0 && value < 1_000)) return undefined;
  return `Write ${option}: ${Math.round(value * 1_000)} for ${value} s: the unit is milliseconds.`;
}
