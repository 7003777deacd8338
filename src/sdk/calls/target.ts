import type { FunctionRef, FunctionSpec } from "../../model/function-spec.ts";
import { InvalidError } from "../../model/errors.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import type { Backend } from "../../ports/backend.ts";
import type { EventSink } from "../../ports/events.ts";
import { inputContext } from "../../context/context.ts";
import { registry } from "../../context/registry.ts";
import { findBackend, manifestOf, noBackend, notRunning, refuseWhileLoading } from "./backend.ts";
import type { BackendParams } from "./backend.ts";

/** Everything that a call of one Function in one backend needs to know; the same object for every call. */
export interface CallPlace {
  readonly backend: Backend;
  readonly ref: FunctionRef;
  readonly spec: FunctionSpec;
  readonly maxCallDepth: number;
  readonly sink: EventSink | undefined;
}

/** What an App gives its own Functions. */
export interface Owner {
  readonly name: string;
  readonly maxCallDepth: number;
}

/** The Function that a handle stands for, and the way to it. */
export class CallTarget {
  /** In words, for messages. */
  readonly what: string;
  readonly app: string;
  readonly name: string;
  /** The Apps that hold it, the declaring one first; empty for a handle made by name. */
  readonly owners: Owner[];
  readonly #spec: FunctionSpec | undefined;
  readonly #backend: BackendParams;
  #place: CallPlace | undefined;

  constructor(app: string, name: string, backend: BackendParams, declared?: { readonly owner: Owner; readonly spec: FunctionSpec }) {
    this.what = `Function "${name}" of App "${app}"`;
    this.app = app;
    this.name = name;
    this.owners = declared === undefined ? [] : [declared.owner];
    this.#spec = declared?.spec;
    this.#backend = backend;
  }

  /** The name of the App by which this Function is known where the code runs now: an App may include another. */
  appHere(): string {
    const { containerApp, runs } = registry();
    const here = this.owners.find((owner) => owner.name === containerApp || runs.has(owner.name));
    return here?.name ?? this.app;
  }

  /**
   * Where a call goes now: at once when backend and Function are known. Throws or rejects with `ExecutionError` while a
   * module loads, `InvalidError` without a backend, `NotFoundError` without the Function.
   */
  place(): CallPlace | Promise<CallPlace> {
    const known = refuseWhileLoading(this.what);
    const { client, environment } = this.#backend;
    if (client === undefined && known.backend === undefined && known.runs.size > 0) {
      const app = this.owners.length > 1 ? this.appHere() : this.app;
      const run = known.runs.get(app);
      if (run !== undefined && (environment === undefined || environment === run.environment))
        return this.#at(run, app, known.sinks.get(app));
    }
    const backend = findBackend(known, this.#backend);
    if (backend === undefined) throw this.#spec === undefined ? noBackend(this.what) : notRunning(this.what, this.app);
    const app = known.containerApp !== undefined && this.owners.length > 1 ? this.appHere() : this.app;
    return backend instanceof Promise ? backend.then((backend) => this.#at(backend, app, undefined)) : this.#at(backend, app, undefined);
  }

  #at(backend: Backend, app: string, sink: EventSink | undefined): CallPlace | Promise<CallPlace> {
    const last = this.#place;
    if (last !== undefined && last.backend === backend && last.sink === sink && last.ref.app === app) return last;
    const ref = { app, name: this.name };
    if (this.#spec !== undefined) {
      const owner = this.owners.find((each) => each.name === app) ?? this.owners[0];
      return (this.#place = { backend, ref, spec: this.#spec, maxCallDepth: owner?.maxCallDepth ?? 32, sink });
    }
    return manifestOf(backend, app).then((manifest) => {
      const spec = Object.hasOwn(manifest.functions, this.name) ? manifest.functions[this.name] : undefined;
      if (spec === undefined) throw functionNotFound(ref, { known: Object.keys(manifest.functions) });
      return (this.#place = { backend, ref, spec, maxCallDepth: manifest.maxCallDepth, sink });
    });
  }
}

/** Throws `InvalidError` for a call by a method that is not meant for this kind of Function. */
export function refuseKind({ spec, ref }: CallPlace, kind: FunctionSpec["kind"], method: string): void {
  if (spec.kind === kind) return;
  const what = `Function "${ref.name}" of App "${ref.app}"`;
  if (kind === "generator")
    throw new InvalidError(`${what} is no generator, so it has no ${method}.`, {
      hint: "Call it by remote, or write it as async function*.",
    });
  throw new InvalidError(`${what} is a generator, which cannot be called by ${method}.`, { hint: "Call it by remoteGen." });
}

/** The signal of the input whose body makes a call, so that its calls end with it. */
export function callerSignal(): AbortSignal | undefined {
  return inputContext.getStore()?.signal;
}
