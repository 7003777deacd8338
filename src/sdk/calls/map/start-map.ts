import { InvalidError } from "../../../model/errors.ts";
import { checkOptionNames, checkOptionsObject } from "../../../model/option-checks.ts";
import { showValue } from "../../../util/show-value.ts";
import type { CallSettings, MapParams } from "../call-types.ts";
import type { CallTarget } from "../target.ts";
import { MapResult } from "./map-result.ts";

/** The results of a `map`, `starmap` or `forEach`, which has not begun yet. Throws `InvalidError` for what can't be its input. */
export function startMap<R>(
  target: CallTarget,
  settings: CallSettings | undefined,
  method: string,
  inputs: unknown,
  params: MapParams,
): MapResult<R> {
  checkOptionNames(method, checkOptionsObject(method, params), {
    known: ["orderOutputs", "returnExceptions"],
    renamed: { ordered: "orderOutputs", returnErrors: "returnExceptions" },
  });
  if (typeof inputs !== "object" || inputs === null || !(Symbol.iterator in inputs || Symbol.asyncIterator in inputs)) {
    throw new InvalidError(
      `${method} of ${target.what}: the input is ${showValue(inputs)}. It must be an iterable or async iterable, and not a string.`,
      {
        hint:
          typeof inputs === "string"
            ? "Use remote for one call, or give an array for one call per item."
            : "Give an array, a Set, a generator or a stream.",
      },
    );
  }
  return MapResult.of<R>({
    target,
    settings,
    inputs: inputs as Iterable<unknown> | AsyncIterable<unknown>,
    spread: method === "starmap",
    ordered: params.orderOutputs !== false,
    returnExceptions: params.returnExceptions === true,
    method,
  });
}
