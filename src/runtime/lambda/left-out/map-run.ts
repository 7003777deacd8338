// Stands in the place of src/sdk/calls/map/map-run.ts, which is loaded when the first map is iterated.
import type { MapPlan, MapRun as LoadedRun } from "../../../sdk/calls/map/map-run.ts";

/** The run of a map, once it is loaded. */
export class MapRun implements AsyncIterator<unknown> {
  readonly #run: Promise<LoadedRun>;

  constructor(plan: MapPlan) {
    this.#run = import("../../../sdk/calls/map/map-run.ts").then((loaded) => new loaded.MapRun(plan));
  }

  async next(): Promise<IteratorResult<unknown>> {
    return (await this.#run).next();
  }

  async return(): Promise<IteratorResult<unknown>> {
    return (await this.#run).return();
  }
}

type Replaced = typeof import("../../../sdk/calls/map/map-run.ts").MapRun;

/** Checked against what it stands for. */
export default { MapRun } satisfies {
  readonly MapRun: new (...args: ConstructorParameters<Replaced>) => {
    readonly [Name in keyof InstanceType<Replaced>]: InstanceType<Replaced>[Name];
  };
};
