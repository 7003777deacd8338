import { describe, expect, test } from "vitest";
import { UsageError, UserFailure } from "../../src/cli/kit/failures.ts";
import { firstUserFrame } from "../../src/cli/render/frames.ts";
import { wantsColours } from "../../src/cli/kit/io.ts";
import { createProgress, progressText } from "../../src/cli/render/progress.ts";
import { renderError } from "../../src/cli/render/render-error.ts";
import { createEventRenderer } from "../../src/cli/render/render-events.ts";
import { FunctionTimeoutError, NotFoundError, RemoteError } from "../../src/model/errors.ts";
import type { TenonEvent } from "../../src/ports/events.ts";
import type { LogRecord } from "../../src/wire/log-record.ts";
import { captureIo } from "./run-cli.ts";

const PLAIN = { json: false, verbose: false };
function thrownAt(error: Error, ...frames: string[]): Error {
  error.stack = [`${error.name}: ${error.message}`, ...frames.map((frame) => `    at ${frame}`)].join("\n");
  return error;
}
function shown(error: unknown, params = PLAIN): { code: number; text: string } {
  const io = captureIo();
  const code = renderError(io, error, params);
  expect(io.stdout()).toBe("");
  return { code, text: io.stderr() };
}

describe("an error on the screen", () => {
  test("of Tenon is a message and what to do", () => {
    expect(shown(new NotFoundError(`no App "shop"`, { hint: "Deploy it first." }))).toEqual({
      code: 1,
      text: `error: no App "shop"\nhint: Deploy it first.\n`,
    });
  });

  test("of usage exits with 2", () => {
    expect(shown(new UsageError("no", { hint: "Yes." })).code).toBe(2);
  });

  test("of the user's code is its class, its message and the first line of the user's own files", () => {
    const error = thrownAt(
      new TypeError("card expired"),
      "Object.then (node:internal/x:1:1)",
      "lib (/w/node_modules/lib/index.js:1:2)",
      `charge (${process.cwd()}/shop.ts:12:11)`,
      "main (/w/other.ts:3:4)",
    );
    expect(shown(new UserFailure(error))).toEqual({
      code: 1,
      text: "error: TypeError: card expired\n  at charge (shop.ts:12:11)\nhint: Run it again with --verbose for the whole stack.\n",
    });
  });

  test("with --verbose has the whole stack and its causes", () => {
    const error = thrownAt(new Error("outer", { cause: thrownAt(new RangeError("inner"), "b (/w/b.ts:2:2)") }), "a (/w/a.ts:1:1)");
    expect(shown(new UserFailure(error), { json: false, verbose: true }).text).toMatchInlineSnapshot(`
      "error: Error: outer (caused by RangeError: inner)
        Error: outer
            at a (/w/a.ts:1:1)
        caused by RangeError: inner
            at b (/w/b.ts:2:2)
      "
    `);
  });

  test("of a remote class that is not known here has the name it had there", () => {
    const error = thrownAt(
      new RemoteError("declined", { remoteClass: "PaymentDeclined", name: "PaymentDeclined" }),
      "charge (/w/shop.ts:9:9)",
    );
    expect(shown(new UserFailure(error)).text).toBe(
      "error: PaymentDeclined: declined\n  at charge (/w/shop.ts:9:9)\nhint: Run it again with --verbose for the whole stack.\n",
    );
  });

  test("of a class that goes by its parent's name is called by its own, here and from elsewhere", () => {
    class TooShort extends Error {}
    expect(shown(new UserFailure(thrownAt(new TooShort("1"), "f (/w/a.ts:1:1)"))).text).toContain("error: TooShort: 1\n");
    const remote = new RemoteError("1", { remoteClass: "TooShort", name: "Error", cause: new TooShort("0") });
    expect(shown(new UserFailure(remote)).text).toContain("error: TooShort: 1 (caused by TooShort: 0)\n");
  });

  test("of Tenon that comes out of user code stays Tenon's, and says where", () => {
    const error = thrownAt(
      new FunctionTimeoutError("count ran longer than 1,000 ms", { hint: "Raise timeoutMs." }),
      "main (/w/shop.ts:3:3)",
    );
    expect(shown(new UserFailure(error)).text).toBe(
      "error: count ran longer than 1,000 ms\n  at main (/w/shop.ts:3:3)\nhint: Raise timeoutMs.\n",
    );
  });

  test("that nobody expected asks for a report", () => {
    const { code, text } = shown(thrownAt(new TypeError("x is not a function"), "inside (/t/dist/chunk.js:1:1)"));
    expect(code).toBe(1);
    expect(text).toBe(
      "error: TypeError: x is not a function\n  at inside (/t/dist/chunk.js:1:1)\nhint: Report this fault of Tenon, please, with the output of the same command under --verbose.\n",
    );
  });

  test("that is no Error is shown as it is", () => {
    expect(shown(new UserFailure("boom")).text).toBe(
      `error: The code threw something that is not an Error: "boom".\nhint: Throw an Error, which has a message and a stack.\n`,
    );
  });

  test("with --json is one object on one line", () => {
    const { text } = shown(new NotFoundError("no\nApp", { hint: "Deploy." }), { json: true, verbose: false });
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(text)).toEqual({ error: { code: "NOT_FOUND", name: "NotFoundError", message: "no\nApp", hint: "Deploy." } });
  });
});

describe("a stack", () => {
  test("without a user's line has no first one", () => {
    expect(firstUserFrame("Error: x\n    at f (node:fs:1:1)")).toBeUndefined();
    expect(firstUserFrame("Error: x\n    at hr (file:///var/task/runtime.mjs:12:2751)")).toBeUndefined();
  });

  test("of Lambda names the user's file by its path in the package", () => {
    expect(firstUserFrame("Error: x\n    at charge (/var/task/src/shop.ts:3:4)")).toBe("charge (src/shop.ts:3:4)");
  });
});

const record = (over: Partial<LogRecord>): TenonEvent => ({
  code: "LOG",
  record: { t: 1, stream: "stdout", text: "hello", app: "shop", fn: "charge", container: "ta-1", version: "v", ...over },
});
const map = (
  done: number,
  over: Partial<Extract<TenonEvent, { code: "MAP_PROGRESS" }>> = {},
): Extract<TenonEvent, { code: "MAP_PROGRESS" }> => ({
  code: "MAP_PROGRESS",
  app: "shop",
  fn: "charge",
  call: "fc-1",
  done,
  failed: 0,
  total: 5000,
  finished: false,
  ...over,
});

describe("what containers write", () => {
  test("goes to the stream it was written to", () => {
    const io = captureIo();
    const { onEvent } = createEventRenderer(io, PLAIN);
    onEvent(record({}));
    onEvent(record({ stream: "stderr", text: "careful" }));
    onEvent(record({ stream: "system", text: "ended: out of memory" }));
    expect([io.stdout(), io.stderr()]).toEqual(["hello\n", "careful\ncharge: ended: out of memory\n"]);
  });

  test("goes to stderr as JSON lines with --json, so that stdout holds the result only", () => {
    const io = captureIo();
    createEventRenderer(io, { json: true, verbose: false }).onEvent(record({ call: "fc-1" }));
    expect(io.stdout()).toBe("");
    expect(JSON.parse(io.stderr())).toMatchObject({ event: "LOG", text: "hello", call: "fc-1" });
  });
});

describe("events", () => {
  test("lost inputs and the first retries are told, the rest with --verbose", () => {
    const io = captureIo();
    const { onEvent } = createEventRenderer(io, PLAIN);
    onEvent({ code: "INPUT_LOST", app: "shop", fn: "charge", call: "fc-1", reason: "killed by SIGKILL" });
    for (let n = 0; n < 8; n++)
      onEvent({ code: "INPUT_RETRIED", app: "shop", fn: "charge", call: "fc-1", attempt: 1, delayMs: 1500, error: "Error: busy" });
    onEvent({ code: "CONTAINER_STARTED", app: "shop", fn: "charge", container: "ta-1" });
    expect(io.stderr()).toMatchInlineSnapshot(`
      "charge: lost its container (killed by SIGKILL) and runs again
      charge: attempt 1 failed, next in 1,500 ms: Error: busy
      charge: attempt 1 failed, next in 1,500 ms: Error: busy
      charge: attempt 1 failed, next in 1,500 ms: Error: busy
      charge: attempt 1 failed, next in 1,500 ms: Error: busy
      charge: attempt 1 failed, next in 1,500 ms: Error: busy (more retries are shown with --verbose)
      "
    `);
  });

  test("containers and bundles are told with --verbose", () => {
    const io = captureIo();
    const { onEvent } = createEventRenderer(io, { json: false, verbose: true });
    onEvent({ code: "BUNDLE_READY", app: "shop", version: "0123456789abcdef", cached: true, durationMs: 12.3 });
    onEvent({ code: "CONTAINER_ENDED", app: "shop", fn: "charge", container: "ta-1", reason: "idle" });
    expect(io.stderr()).toBe("bundle 0123456789ab of shop from the cache in 12 ms\ncharge: container ta-1 ended (idle)\n");
  });
});

describe("an account that runs few containers at once", () => {
  const event: TenonEvent = { code: "ACCOUNT_CONCURRENCY_LOW", concurrency: 10 };

  test("is a warning that says what it means for calls that wait for calls, and what to do", () => {
    const io = captureIo();
    createEventRenderer(io, PLAIN).onEvent(event);
    expect(io.stderr()).toMatchInlineSnapshot(`
      "warning: This account runs at most 10 containers of Lambda at once, of all its functions. A call that waits for other calls holds its container meanwhile: when such calls hold all 10, what they wait for can't start, and some of them reject with ResourceExhaustedError.
      hint: Ask AWS for more concurrent executions of Lambda (Service Quotas), or spawn such calls and return, so that no container waits.
      "
    `);
  });

  test("is one JSON line with --json", () => {
    const io = captureIo();
    createEventRenderer(io, { json: true, verbose: false }).onEvent(event);
    expect(io.stderr()).toBe('{"event":"ACCOUNT_CONCURRENCY_LOW","concurrency":10}\n');
  });
});

describe("progress of a map", () => {
  test("without a terminal is a plain line every five seconds and one at the end", () => {
    const io = captureIo();
    let now = 0;
    const progress = createProgress(io, () => now);
    for (; now <= 11_000; now += 100) progress.update(map(now / 10));
    progress.update(map(5_000, { failed: 3, finished: true }));
    expect(io.stderr()).toMatchInlineSnapshot(`
      "charge: 500/5,000 done (10%), 100/s
      charge: 1,000/5,000 done (20%), 100/s
      charge: 5,000/5,000 done, 3 failed, 450/s in 11.1 s
      "
    `);
  });

  test("counts what has failed as done, once", () => {
    expect(progressText(map(8, { failed: 3, total: 9 }), 1_000)).toBe("charge: 8/9 done (88%), 3 failed, 8.0/s");
    expect(progressText(map(9, { failed: 3, total: 9 }), 1_000)).toBe("charge: 9/9 done (100%), 3 failed, 9.0/s");
  });

  test("a map that ends within a second leaves no line", () => {
    const io = captureIo();
    const progress = createProgress(io, () => 0);
    progress.update(map(0));
    progress.update(map(5_000, { finished: true }));
    expect(io.stderr()).toBe("");
  });

  test("on a terminal is one line, rewritten at most ten times a second, that makes way for other text", () => {
    const io = captureIo({ terminal: true, columns: 30 });
    let now = 1_000;
    const progress = createProgress(io, () => now);
    progress.update(map(1));
    progress.update(map(2));
    now += 100;
    progress.update(map(20, { total: null }));
    progress.yieldTo("half a line");
    now += 100;
    progress.update(map(30));
    progress.yieldTo(" ends\n");
    now += 100;
    progress.update(map(40));
    progress.end();
    expect(io.stderr().replaceAll("\u001b", "ESC")).toMatchInlineSnapshot(`
      "
      ESC[2Kcharge: 1/5,000 done (0%), 0…
      ESC[2Kcharge: 20 done, 200/s
      ESC[2K
      ESC[2Kcharge: 40/5,000 done (0%), …
      ESC[2K"
    `);
  });

  test("two maps share the line", () => {
    const io = captureIo({ terminal: true });
    let now = 1_000;
    const progress = createProgress(io, () => now);
    progress.update(map(1));
    now += 200;
    progress.update(map(7, { fn: "mail", call: "fc-2", total: null }));
    progress.end();
    expect(io.stderr()).toContain("charge: 1/5,000 done (0%), 5.0/s · mail: 7 done");
  });

  test("two maps of one Function are told apart", () => {
    const io = captureIo({ terminal: true });
    const progress = createProgress(io, () => 1_000);
    progress.update(map(1));
    progress.update(map(7, { call: "fc-2", finished: true }));
    progress.update(map(2));
    progress.end();
    expect(io.stderr()).toContain("charge: 1/5,000");
    expect(io.stderr()).not.toContain("7/5,000");
  });
});

test("colours obey FORCE_COLOR, NO_COLOR and the terminal, in this order", () => {
  expect([
    wantsColours({}, true),
    wantsColours({}, false),
    wantsColours({ NO_COLOR: "1" }, true),
    wantsColours({ NO_COLOR: "" }, true),
    wantsColours({ NO_COLOR: "1", FORCE_COLOR: "1" }, false),
    wantsColours({ FORCE_COLOR: "0" }, true),
    wantsColours({ TERM: "dumb" }, true),
  ]).toEqual([true, false, false, true, true, false, false]);
});
