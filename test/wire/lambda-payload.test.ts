import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeserializationError, VersionError } from "../../src/model/errors.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { encodeEnvelope, type Envelope } from "../../src/wire/envelope.ts";
import { packRequest, readAnswer, requestByReference } from "../../src/wire/lambda-invoke.ts";
import { MAX_INLINE_BYTES, packAnswer, packAnswerText, readRequest } from "../../src/wire/lambda-payload.ts";
import { encodeResult } from "../../src/wire/result.ts";
import { packObject, unpackObject } from "../../src/wire/value-object.ts";
import { anyValue, difference } from "./values.ts";

function envelopeOf(...args: unknown[]): Envelope {
  return { v: 1, callId: "fc-1", inputId: "in-1", attempt: 2, args: encode(args, "args"), root: "fc-0", depth: 3, parent: "in-0" };
}

/** As AWS's runtime client does it: the event is parsed before the handler sees it. */
function receive(payload: string | null): Envelope {
  const request = readRequest(JSON.parse(payload ?? "null"));
  if (!("envelope" in request)) throw new TypeError("a reference");
  return request.envelope;
}

describe("requests", () => {
  test("any arguments arrive, with every field of their envelope", () => {
    fc.assert(
      fc.property(anyValue, (make) => {
        const sent = envelopeOf(make(), "last");
        const { args, ...head } = receive(packRequest(encodeEnvelope(sent)));
        const { args: _, ...sentHead } = sent;
        expect(head).toEqual(sentHead);
        expect(difference(decode(args), [make(), "last"])).toBeUndefined();
      }),
    );
  });

  test("a hand-made one needs arguments only", () => {
    const envelope = receive('{"args":["hi"]}');
    expect(decode(envelope.args)).toEqual(["hi"]);
    expect(envelope).toMatchObject({ v: 1, attempt: 1, depth: 0, root: envelope.callId });
    expect(envelope.callId).toMatch(/^fc-/);
  });

  test("one in the bucket is named by its key", () => {
    const payload = requestByReference('fc "1"', "in-1", "in/app/fn/fc/in-1");
    expect(readRequest(JSON.parse(payload))).toEqual({ callId: 'fc "1"', inputId: "in-1", s3: "in/app/fn/fc/in-1" });
  });

  test("is refused inline from the first byte above the limit", () => {
    const around = (bytes: number): string | null => packRequest(encodeEnvelope(envelopeOf("x".repeat(bytes))));
    expect(around(MAX_INLINE_BYTES)).toBeNull();
    expect(Buffer.byteLength(around(MAX_INLINE_BYTES - 1_000) ?? "")).toBeLessThanOrEqual(MAX_INLINE_BYTES);
    // Characters of three bytes each.
    expect(packRequest(encodeEnvelope(envelopeOf("€".repeat(MAX_INLINE_BYTES / 3))))).toBeNull();
    // Base64 makes four bytes of three.
    expect(packRequest(encodeEnvelope(envelopeOf(Buffer.alloc((MAX_INLINE_BYTES / 4) * 3))))).toBeNull();
    expect(packRequest(encodeEnvelope(envelopeOf(Buffer.alloc((MAX_INLINE_BYTES / 4) * 3 - 2_000))))).not.toBeNull();
  });

  test("what is none is refused", () => {
    for (const event of [null, 7, "text", [], {}, { args: 7 }, { args: [], parts: "no" }, { args: [], parts: ["***"] }])
      expect(() => readRequest(event), JSON.stringify(event)).toThrow(DeserializationError);
    expect(() => readRequest({ v: 2, args: [] })).toThrow(VersionError);
  });
});

describe("answers", () => {
  test("any value comes back, however Lambda or the container wrote it", () => {
    fc.assert(
      fc.property(anyValue, (make) => {
        const encoded = encodeResult({ status: "succeeded", value: encode(make(), "result") });
        for (const payload of [JSON.stringify(packAnswer(encoded)), packAnswerText(encoded)]) {
          const answer = readAnswer(payload ?? "");
          if (!("result" in answer) || answer.result.status !== "succeeded") throw new TypeError("no value");
          expect(difference(decode(answer.result.value), make())).toBeUndefined();
        }
      }),
    );
  });

  test("a value that looks like an answer's end is told from it", () => {
    const value = { text: ',"parts":["QQ=="]}', parts: ["QQ=="] };
    const encoded = encodeResult({ status: "succeeded", value: encode(value, "result") });
    const answer = readAnswer(JSON.stringify(packAnswer(encoded)));
    expect("result" in answer && answer.result.status === "succeeded" && decode(answer.result.value)).toEqual(value);
    // Without bytes beside it, as another writer may leave them out.
    const short = readAnswer(`{"result":${encoded.text}}`);
    expect("result" in short && short.result.status === "succeeded" && decode(short.result.value)).toEqual(value);
  });

  test("other outcomes and references come back", () => {
    const lost = { status: "not-started", reason: "no room", retryAfterMs: 3 } as const;
    expect(readAnswer(JSON.stringify(packAnswer(encodeResult(lost))))).toEqual({ result: lost });
    expect(readAnswer('{"s3":"out/a/b"}')).toEqual({ s3: "out/a/b" });
  });

  test("what is none is refused", () => {
    for (const payload of ["", "null", "7", "{}", '{"result":7}', '{"result":{"status":"odd"},"parts":[]}', "<html>"])
      expect(() => readAnswer(payload), payload).toThrow(DeserializationError);
  });
});

test("an object of the bucket holds text and bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 4 }), (text, parts) => {
      const read = unpackObject(packObject({ text, parts }));
      expect(read.text).toBe(text);
      expect(read.parts.map((part) => Buffer.from(part).toString("hex"))).toEqual(parts.map((part) => Buffer.from(part).toString("hex")));
    }),
  );
  expect(() => unpackObject(packObject({ text: "cut", parts: [] }).subarray(0, 12))).toThrow(DeserializationError);
});
