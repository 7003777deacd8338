import { InvalidError } from "../model/errors.ts";
import { checkEnvironmentName, checkFunctionName, checkName } from "../model/names.ts";
import { checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import { registerHandle } from "../wire/codec.ts";
import { checkSettings } from "./calls/call-settings.ts";
import { callRemote } from "./calls/remote.ts";
import { CallTarget } from "./calls/target.ts";
import type {
  AnyFunction,
  ArgumentsOf,
  CallSettings,
  ForEachParams,
  FunctionOf,
  HandleOf,
  Inputs,
  MapItem,
  MapParams,
  OneArgumentOf,
  RemoteGenOf,
  RemoteOf,
  ResultOf,
  SpawnOf,
} from "./calls/call-types.ts";
import type { Client } from "./client.ts";
import type { FunctionCall } from "./function-call.ts";
import { callGenerator } from "./calls/remote-gen.ts";
import type { MapResult } from "./calls/map/map-result.ts";
import { startMap } from "./calls/map/start-map.ts";
import { spawnCall, spawnedCall } from "./calls/spawn.ts";

const BRAND = Symbol.for("tenon.function");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Where `fromName` looks. */
export interface FunctionFromNameParams {
  /** @default - the container's backend, a run of the App in this process, or what `TENON_BACKEND` names */
  readonly client?: Client | undefined;
  /** @default - the client's */
  readonly environment?: string | undefined;
}

/**
 * A Function of an App, called where it runs. Its calls have the types of the function `F`.
 *
 * @example
 * import { RemoteFunction } from "tenon";
 * import type { count } from "./wordcount.ts";
 *
 * const remoteCount = RemoteFunction.fromName<typeof count>("wordcount", "count");
 * console.log(await remoteCount.remote("to be or not to be"));
 */
export class RemoteFunction<F extends AnyFunction = AnyFunction> implements HandleOf<F> {
  /** Never present: it only carries the function's type. */
  declare readonly "~function"?: F;
  /** The Function's own name. */
  readonly name: string;
  /** The name of the App that declares it. */
  readonly app: string;
  /**
   * Calls the Function in a container and waits for its result. Failed and timed-out attempts are repeated as the
   * Function's `retries` say, lost ones for free. Rejects with the error of the last attempt.
   */
  readonly remote: RemoteOf<F>;
  /** Calls a generator: its items come as they are made. Ending the loop cancels the call. */
  readonly remoteGen: RemoteGenOf<F>;
  /** Spawns a call: resolves with its handle once it is accepted. The call outlives this process when the App is deployed. */
  readonly spawn: SpawnOf<F, FunctionCall<ResultOf<F>>>;
  readonly #target: CallTarget;
  readonly #settings: CallSettings | undefined;

  protected constructor(target: CallTarget, settings: CallSettings | undefined) {
    if (!(target instanceof CallTarget)) {
      throw new InvalidError("RemoteFunction has no constructor.", {
        hint: 'Use RemoteFunction.fromName("app", "function"), or app.function(…) to declare one.',
      });
    }
    this.#target = target;
    this.#settings = settings;
    this.name = target.name;
    this.app = target.app;
    // Own functions, not methods: their types have no `this`, so they may be passed on without the handle.
    this.remote = ((...args: unknown[]) => callRemote(target, args, settings)) as unknown as RemoteOf<F>;
    this.remoteGen = ((...args: unknown[]) => callGenerator(target, args, settings)) as unknown as RemoteGenOf<F>;
    this.spawn = ((...args: unknown[]) => spawnCall(target, args, settings)) as unknown as SpawnOf<F, FunctionCall<ResultOf<F>>>;
    Object.defineProperty(this, BRAND, { value: () => target.appHere() });
  }

  /**
   * A Function by the names of its App and its own. It asks nothing: a Function that does not exist is a `NotFoundError`
   * of the first call. Throws `InvalidError` for a wrong name.
   */
  static fromName<T extends AnyFunction | HandleOf<AnyFunction> = (...args: unknown[]) => Promise<unknown>>(
    app: string,
    name: string,
    params: FunctionFromNameParams = {},
  ): RemoteFunction<FunctionOf<T>> {
    const given = checkOptionsObject("fromName", params);
    checkOptionNames("fromName", given, { known: ["client", "environment"], renamed: { environmentName: "environment" } });
    if (params.environment !== undefined) checkEnvironmentName(params.environment);
    return new RemoteFunction<FunctionOf<T>>(new CallTarget(checkName("App", app), checkFunctionName(name), params), undefined);
  }

  /**
   * Calls the Function once for each input, in as many containers as it may have, and gives the results in order, or
   * as they are ready with `orderOutputs: false`.
   *
   * Inputs are taken lazily, at most 1,000 before the consumer has taken their results. A failing input throws when its result is reached;
   * `returnExceptions: true` gives the error in its place. An error of the input iterator is thrown as it is.
   */
  map<ReturnExceptions extends boolean = false>(
    input: Inputs<OneArgumentOf<F>>,
    params: MapParams<ReturnExceptions> = {},
  ): MapResult<MapItem<ResultOf<F>, ReturnExceptions>> {
    return startMap(this.#target, this.#settings, "map", input, params);
  }

  /** Like {@link RemoteFunction.map}, for inputs that are lists of arguments. */
  starmap<ReturnExceptions extends boolean = false>(
    tuples: Inputs<ArgumentsOf<F>>,
    params: MapParams<ReturnExceptions> = {},
  ): MapResult<MapItem<ResultOf<F>, ReturnExceptions>> {
    return startMap(this.#target, this.#settings, "starmap", tuples, params);
  }

  /** Calls the Function once for each input and drops the results. Rejects with the first failure, unless failures are ignored. */
  async forEach(input: Inputs<OneArgumentOf<F>>, params: ForEachParams = {}): Promise<void> {
    checkOptionNames("forEach", checkOptionsObject("forEach", params), { known: ["ignoreExceptions"] });
    const results = startMap<unknown>(this.#target, this.#settings, "forEach", input, {
      orderOutputs: false,
      returnExceptions: params.ignoreExceptions === true,
    });
    for await (const _ of results);
  }

  /**
   * The same Function with settings for its calls: a `signal` that cancels them, `timeoutMs` after which nobody waits,
   * the caller's own `callId`. Settings given before stay, unless given again.
   */
  with(settings: CallSettings): RemoteFunction<F> {
    return new RemoteFunction<F>(this.#target, { ...this.#settings, ...checkSettings(settings) });
  }

  /**
   * The call that somebody has spawned, or will spawn, with this `callId` of their own. Using it rejects with `NotFoundError`
   * as long as there is none. Throws `InvalidError` for what can't be a call id.
   */
  spawned(callId: string): Promise<FunctionCall<ResultOf<F>>> {
    return spawnedCall(this.#target, callId) as Promise<FunctionCall<ResultOf<F>>>;
  }

  /** `Function(app/name)`. */
  toString(): string {
    return `Function(${this.app}/${this.name})`;
  }

  /** Refuses: JSON would lose what it is. Inside an argument of a call it travels as a Function. */
  toJSON(): never {
    throw new InvalidError(`${this.toString()} can't be turned into JSON.`, {
      hint: "Pass it as an argument of a call, or write the names of its App and itself.",
    });
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }
}

registerHandle("Function", {
  is: (value) => typeof value === "object" && value !== null && BRAND in value,
  toData: (value) => {
    const handle = value as RemoteFunction & { readonly [BRAND]: () => string };
    return { app: handle[BRAND](), name: handle.name };
  },
  fromData: (data) => {
    const { app, name } = data as { readonly app: string; readonly name: string };
    return RemoteFunction.fromName(app, name);
  },
});
