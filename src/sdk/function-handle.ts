import type { FunctionSpec } from "../model/function-spec.ts";
import type { AnyFunction } from "./calls/call-types.ts";
import { CallTarget } from "./calls/target.ts";
import type { Owner } from "./calls/target.ts";
import { RemoteFunction } from "./remote-function.ts";

/** A Function that this process declared: it can also be called in process. Made by `app.function(…)`. */
export class FunctionHandle<F extends AnyFunction = AnyFunction> extends RemoteFunction<F> {
  /** The function as written: runs in this process, without a container, retries or limits. */
  readonly local: F;
  /** What was declared, every option filled in. */
  readonly spec: FunctionSpec;
  readonly #owners: Owner[];

  protected constructor(target: CallTarget, spec: FunctionSpec, fn: F) {
    super(target, undefined);
    this.local = fn;
    this.spec = spec;
    this.#owners = target.owners;
  }

  /** @internal */
  static declare<F extends AnyFunction>(owner: Owner, spec: FunctionSpec, fn: F): FunctionHandle<F> {
    return new FunctionHandle<F>(new CallTarget(owner.name, spec.name, {}, { owner, spec }), spec, fn);
  }

  /** @internal Another App holds it too. */
  includedBy(owner: Owner): void {
    if (!this.#owners.includes(owner)) this.#owners.push(owner);
  }
}
