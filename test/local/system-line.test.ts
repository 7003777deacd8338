import { expect, it } from "vitest";
import { systemLine } from "../../src/local/host/system-line.ts";

it("the end of a container is a line of its App's log, with the reason", () => {
  const line = systemLine({ code: "CONTAINER_ENDED", app: "shop", fn: "add", container: "ta-1", reason: "it was killed by SIGKILL" }, "v1");
  expect(line).toMatchObject({
    stream: "system",
    text: "container ended: it was killed by SIGKILL",
    app: "shop",
    fn: "add",
    container: "ta-1",
    version: "v1",
  });
});

it("an attempt that failed is a line of its call's log, with the error", () => {
  const about = { app: "shop", fn: "add", container: "ta-1", call: "fc-1", input: "in-1", attempt: 2 };
  const line = systemLine({ code: "ATTEMPT_FAILED", ...about, text: "attempt 2 failed: RangeError: too large" }, "v1");
  expect(line).toEqual({
    ...about,
    t: expect.any(Number) as number,
    stream: "system",
    text: "attempt 2 failed: RangeError: too large",
    version: "v1",
  });
});

it("other events are no lines", () => {
  expect(systemLine({ code: "CONTAINER_STARTED", app: "shop", fn: "add", container: "ta-1" }, "v1")).toBeNull();
});
