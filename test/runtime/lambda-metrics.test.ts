import { describe, expect, test } from "vitest";
import type { AttemptResult } from "../../src/model/outcome.ts";
import { metricsOf } from "../../src/runtime/lambda/metrics.ts";
import { encode } from "../../src/wire/codec.ts";
import { encodeError } from "../../src/wire/error-codec.ts";

interface Line {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Dimensions: readonly string[][];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

const settings = { environment: "dev", app: "shop", fn: "sell", metrics: false };
const succeeded: AttemptResult = { status: "succeeded", value: encode("done") };
const failed: AttemptResult = { status: "failed", error: encodeError(new RangeError("too many")) };
const late: AttemptResult = { status: "timed-out", error: encodeError(new Error("late")) };

/** Each metric that a line makes, with its dimensions: what CloudWatch charges for. */
function metricsIn(line: object | null): readonly string[] {
  return ((line as Line | null)?._aws.CloudWatchMetrics ?? []).flatMap(({ Dimensions, Metrics }) =>
    Metrics.map(({ Name }) => `${Name} by ${Dimensions.flat().join(", ")}`),
  );
}

describe("without metrics", () => {
  test("a success is no line, also when it was a retry", () => {
    expect([metricsOf(settings, succeeded, 1), metricsOf(settings, succeeded, 2)]).toEqual([null, null]);
  });

  test("every failure is one metric of the App, whatever fails and how", () => {
    expect([failed, late].map((result) => metricsIn(metricsOf(settings, result, 1)))).toEqual([
      ["Errors by Environment, App"],
      ["Errors by Environment, App"],
    ]);
    expect(metricsOf(settings, failed, 1)).toMatchObject({ Environment: "dev", App: "shop", Errors: 1 });
  });
});

describe("with metrics", () => {
  const all = { ...settings, metrics: true };
  const of = "by Environment, App, Function";

  test("a call is counted for its Function, and no zero is", () => {
    expect(metricsIn(metricsOf(all, succeeded, 1))).toEqual([`Calls ${of}`]);
    expect(metricsIn(metricsOf(all, succeeded, 2))).toEqual([`Calls ${of}`, `Retries ${of}`]);
  });

  test("a failure is counted once more for the class of its error, and a timeout as one", () => {
    expect(metricsIn(metricsOf(all, failed, 1))).toEqual([`Calls ${of}`, `Failures ${of}`, `Failures ${of}, ErrorClass`]);
    expect(metricsIn(metricsOf(all, late, 1))).toContain(`Timeouts ${of}`);
    expect(metricsOf(all, failed, 1)).toMatchObject({ Function: "sell", ErrorClass: "RangeError", Calls: 1, Failures: 1 });
  });
});
