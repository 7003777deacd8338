import { InvalidError } from "../../../model/errors.ts";
import { MapRun } from "./map-run.ts";
import type { MapPlan } from "./map-run.ts";

/**
 * The results of a `map`: an async iterable that does nothing until it is iterated, and can be iterated once.
 *
 * At most 1,000 inputs are outstanding, inside a container on AWS at most 400. Ending the loop early cancels them and closes the iterator of the inputs.
 *
 * @example
 * import { App } from "tenon";
 *
 * const app = new App("squares");
 * const square = app.function("square", async (n: number) => n * n);
 *
 * app.localEntrypoint(async () => {
 *   for await (const n of square.map([1, 2, 3])) console.log(n);
 *   console.log(await square.map([4, 5, 6]).toArray());
 * });
 */
export class MapResult<R> implements AsyncIterable<R> {
  readonly #plan: MapPlan;
  #used = false;

  protected constructor(plan: MapPlan) {
    this.#plan = plan;
  }

  /** @internal */
  static of<R>(plan: MapPlan): MapResult<R> {
    return new MapResult<R>(plan);
  }

  /** Starts the calls. Throws `InvalidError` the second time. */
  [Symbol.asyncIterator](): AsyncIterator<R, undefined, undefined> {
    if (this.#used) {
      throw new InvalidError(`The results of ${this.#plan.method} of ${this.#plan.target.what} have been iterated already.`, {
        hint: `Call ${this.#plan.method} again, or keep what toArray() gives.`,
      });
    }
    this.#used = true;
    return new MapRun(this.#plan) as AsyncIterator<R, undefined, undefined>;
  }

  /** Every result, in an array. Rejects with the first failure, unless `returnExceptions` is set. */
  async toArray(): Promise<R[]> {
    const results: R[] = [];
    for await (const result of this) results.push(result);
    return results;
  }
}
