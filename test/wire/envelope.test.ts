import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EncodedError } from "../../src/model/encoded.ts";
import { DeserializationError, FunctionTimeoutError, VersionError } from "../../src/model/errors.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { decodeEnvelope, encodeEnvelope, type Envelope } from "../../src/wire/envelope.ts";
import { decodeError, encodeError } from "../../src/wire/error-codec.ts";
import { encodeLogRecord, type LogRecord } from "../../src/wire/log-record.ts";
import { decodeResult, encodeResult } from "../../src/wire/result.ts";
import { anyValue, difference } from "./values.ts";

/** The bytes that every Tenon with this version of the envelope writes and reads; they change with the version only. */
function golden(name: string): { text: string; parts: Uint8Array[] } {
  const file = new URL(`golden/${name}.json`, import.meta.url);
  const parts = new URL(`golden/${name}.parts.hex`, import.meta.url);
  return {
    text: readFileSync(file, "utf8"),
    parts: existsSync(parts)
      ? readFileSync(parts, "utf8")
          .trim()
          .split("\n")
          .map((line) => new Uint8Array(Buffer.from(line, "hex")))
      : [],
  };
}

const bytes = (sent: { text: string; parts: readonly Uint8Array[] }): unknown => ({
  text: sent.text,
  parts: sent.parts.map((part) => Buffer.from(part).toString("hex")),
});

const plain: Envelope = {
  v: 1,
  callId: "fc-0001",
  inputId: "in-0001",
  attempt: 1,
  args: encode(["hi", { n: 1.5, list: [true, null], text: 'a "b" \u00e9 \ud83d\ude00' }], "args"),
  root: "fc-0001",
  depth: 0,
};

const cyclic: Record<string, unknown> = { when: new Date(0), missing: undefined };
cyclic.self = cyclic;
const rich: Envelope = {
  v: 1,
  callId: 'order "7"',
  inputId: "in-0002",
  attempt: 3,
  method: "predict",
  params: encode({ size: 10n, model: new Uint8Array([9, 8, 7]) }, "params"),
  args: encode([Buffer.from("hello"), new Float64Array([1, -0]), new Map([["a", new Set([1n])]]), cyclic, -0], "args"),
  deadline: 1_700_000_000_000,
  parent: "in-0001",
  root: "fc-0001",
  depth: 2,
  origin: { app: "wordcount", version: "3f2a" },
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

function at<E extends Error>(error: E, stack: string): E {
  error.stack = stack;
  return error;
}

const cause = at(
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED", port: 5432 }),
  "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at connect (db.ts:3:9)",
);
const failure = encodeError(
  at(Object.assign(new TypeError("no rows", { cause }), { tried: new Date(0) }), "TypeError: no rows\n    at load (app.ts:12:7)"),
);
const timeout = encodeError(
  at(
    new FunctionTimeoutError("count ran longer than its timeoutMs of 50.", { hint: "Raise timeoutMs." }),
    "FunctionTimeoutError: count ran longer than its timeoutMs of 50.",
  ),
);

const results: Record<string, AttemptResult> = {
  "result-success": { status: "succeeded", value: encode({ words: 3 }) },
  "result-success-rich": { status: "succeeded", value: encode([new Date(0), Buffer.from("ok")]) },
  "result-nothing": { status: "succeeded", value: encode(undefined) },
  "result-failure": { status: "failed", error: failure },
  "result-timeout": { status: "timed-out", error: timeout },
  "result-cancelled": { status: "cancelled", error: { className: "InputCancelledError", message: "cancelled", code: "INPUT_CANCELLED" } },
  "result-lost": { status: "lost", reason: "killed by SIGKILL" },
  "result-not-started": { status: "not-started", reason: "no room", retryAfterMs: 250 },
};

const record: LogRecord = {
  t: 1_700_000_000_123,
  stream: "stdout",
  text: 'said "hi"\t\u00e9',
  app: "wordcount",
  fn: "count",
  call: "fc-0001",
  input: "in-0001",
  attempt: 1,
  container: "ta-0001",
  version: "3f2a",
};

describe("golden bytes", () => {
  test.each([
    ["envelope-plain", plain],
    ["envelope-rich", rich],
  ] as const)("%s is written and read", (name, envelope) => {
    const file = golden(name);
    expect(bytes(encodeEnvelope(envelope))).toEqual(bytes(file));
    expect(decodeEnvelope(file.text, file.parts)).toEqual(envelope);
    expect(JSON.parse(file.text)).toMatchObject({ v: 1, callId: envelope.callId });
  });

  test("the values of envelope-rich come out of the bytes", () => {
    const file = golden("envelope-rich");
    const back = decodeEnvelope(file.text, file.parts);
    expect(
      difference(decode(back.args), [Buffer.from("hello"), new Float64Array([1, -0]), new Map([["a", new Set([1n])]]), cyclic, -0]),
    ).toBeUndefined();
    expect(decode(back.params as Envelope["args"])).toEqual({ size: 10n, model: new Uint8Array([9, 8, 7]) });
  });

  test.each(Object.entries(results))("%s is written and read", (name, result) => {
    const file = golden(name);
    expect(bytes(encodeResult(result))).toEqual(bytes(file));
    expect(decodeResult(file.text, file.parts)).toEqual(result);
    expect(JSON.parse(file.text)).toMatchObject({ status: result.status });
  });

  test("an error with a cause is written and read", () => {
    const file = golden("error-with-cause");
    expect(JSON.stringify(failure)).toBe(file.text);
    const back = decodeError(JSON.parse(file.text) as EncodedError) as TypeError & { tried: Date; cause: Error & { port: number } };
    expect([back instanceof TypeError, back.message, back.tried, back.cause.message, back.cause.port, back.cause.stack]).toEqual([
      true,
      "no rows",
      new Date(0),
      cause.message,
      5432,
      cause.stack,
    ]);
  });

  test("a log record is written and read", () => {
    expect(encodeLogRecord(record)).toBe(golden("log-record").text);
    expect(JSON.parse(golden("log-record").text)).toEqual(record);
  });
});

describe("an envelope", () => {
  test("made by hand needs arguments only", () => {
    const envelope = decodeEnvelope('{"args":["hi"]}', []);
    expect(envelope).toEqual({
      v: 1,
      callId: expect.stringMatching(/^fc-/),
      inputId: expect.stringMatching(/^in-/),
      attempt: 1,
      args: { codec: "json", text: '["hi"]', parts: [] },
      root: envelope.callId,
      depth: 0,
    });
    expect(decodeEnvelope('{"args":[]}', [], { newCallId: () => "fc-x", newInputId: () => "in-x" })).toMatchObject({
      callId: "fc-x",
      inputId: "in-x",
      root: "fc-x",
    });
  });

  test("is read whatever the order, the spaces and the unknown fields", () => {
    const { text, parts } = encodeEnvelope(rich);
    const fields = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const shuffled = fc.shuffledSubarray([...fields, ["later", { args: [1], v: 9 }], ["tail", ["x"]]] as [string, unknown][], {
      minLength: fields.length + 2,
    });
    fc.assert(
      fc.property(shuffled, fc.constantFrom(0, 2), (entries, indent) => {
        const other = decodeEnvelope(JSON.stringify(Object.fromEntries(entries), null, indent), parts);
        expect(other).toEqual(rich);
      }),
      { numRuns: 300 },
    );
  });

  test("is not misread when a field after the arguments looks like their end", () => {
    const { text } = encodeEnvelope(plain);
    expect(decodeEnvelope(`${text.slice(0, -1)},"tags":["x"]}`, [])).toEqual(plain);
    expect(decodeEnvelope('{"v":1,"callId":"fc-1","args":["hi"],"tags":["x"]}', []).args.text).toBe('["hi"]');
  });

  test("carries any arguments and any ids", () => {
    fc.assert(
      fc.property(anyValue, fc.string({ unit: "binary", minLength: 1 }), (make, id) => {
        const value = make();
        const { text, parts } = encodeEnvelope({ ...plain, callId: id, args: encode([value], "args") });
        const back = decodeEnvelope(text, parts);
        expect(back.callId).toBe(id);
        expect(difference(decode(back.args), [value])).toBeUndefined();
        const result = encodeResult({ status: "succeeded", value: encode(value) });
        const read = decodeResult(result.text, result.parts);
        expect(read.status === "succeeded" && difference(decode(read.value), value) === undefined).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of another version is refused with both versions", () => {
    for (const text of [encodeEnvelope(plain).text.replace('"v":1', '"v":2'), '{"v":2,"arguments":["hi"]}']) {
      expect(() => decodeEnvelope(text, [])).toThrow(VersionError);
      expect(() => decodeEnvelope(text, [])).toThrow(/version 2 .*version 1/);
    }
  });

  test.each([
    ["{}", /needs `args`.*nothing/],
    ['{"args":"hi"}', /needs `args`.*"hi"/],
    ["[]", /JSON object/],
    ["null", /JSON object/],
    ["", /no envelope/],
    ['{"args":[],"attempt":0}', /attempt.*0/],
    ['{"args":[],"depth":-1}', /depth.*-1/],
    ['{"args":[],"callId":7}', /callId.*7/],
    ['{"args":[],"codec":"pickle"}', /codec.*pickle/],
    ['{"args":[],"origin":{}}', /origin/],
    ['{"args":[],"deadline":"soon"}', /deadline.*soon/],
  ])("that is none is refused: %s", (text, why) => {
    expect(() => decodeEnvelope(text, [])).toThrow(DeserializationError);
    expect(() => decodeEnvelope(text, [])).toThrow(why);
  });
});

test.each([
  ['{"status":"won"}', /status "won"/],
  ["{}", /status is missing/],
  ['{"status":"failed"}', /encoded error/],
  ['{"status":"failed","error":{"className":"Error"}}', /message is missing/],
  ['{"status":"lost"}', /reason is missing/],
  ["nothing", /no result/],
])("a result that is none is refused: %s", (text, why) => {
  expect(() => decodeResult(text, [])).toThrow(DeserializationError);
  expect(() => decodeResult(text, [])).toThrow(why);
});
