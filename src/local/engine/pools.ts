import { serveBackend } from "../../channel/server.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { EngineParams } from "./engine-params.ts";
import { Pool } from "./pool/pool.ts";
import { createSlots, type Slots } from "./pool/slots.ts";

/** The pools of an App's Functions, each made when it is first needed. */
export class Pools {
  readonly #params: EngineParams;
  readonly #slots: Slots;
  readonly #pools: Map<string, Pool> = new Map();

  constructor(params: EngineParams) {
    this.#params = params;
    this.#slots = params.slots ?? createSlots();
  }

  /** The pool of a Function of this App. Throws `NotFoundError`. */
  of(ref: FunctionRef): Pool {
    const known = this.#pools.get(ref.name);
    if (known !== undefined) return known;
    const made = this.#make(ref);
    this.#pools.set(ref.name, made);
    return made;
  }

  /** Resolves when all containers are gone. */
  close(): Promise<unknown> {
    return Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #make(ref: FunctionRef): Pool {
    const { manifest, bundle, environment, stateDir, workers, onEvent, backend } = this.#params;
    const spec = Object.hasOwn(manifest.functions, ref.name) ? manifest.functions[ref.name] : undefined;
    if (spec === undefined || ref.app !== manifest.name)
      throw functionNotFound(ref, { known: Object.keys(manifest.functions), hint: "Check the name, or run the App again." });
    const { version, appFile, sourceRoot } = bundle;
    return new Pool({
      app: manifest.name,
      spec,
      init: { app: manifest.name, version, environment, stateDir, env: spec.env, bundle: { appFile, sourceRoot }, fn: spec },
      slots: this.#slots,
      startWorker: (of) => workers.start(of),
      serve: (container, onWait) => serveBackend(container.process.channel, backend(), { onWait }),
      onEvent,
    });
  }
}
