import { describe, expect, test } from "vitest";
import { newCallId, newInputId } from "../../src/model/ids.ts";
import { encode } from "../../src/wire/codec.ts";
import { decodeEnvelope, encodeEnvelope, ENVELOPE_VERSION, type Envelope } from "../../src/wire/envelope.ts";
import { inputDigest } from "../../src/wire/input-digest.ts";

const envelopeOf = (args: readonly unknown[], more: Partial<Envelope> = {}): Envelope => {
  const callId = newCallId();
  return { v: ENVELOPE_VERSION, callId, inputId: newInputId(), attempt: 1, args: encode(args, "args"), root: callId, depth: 0, ...more };
};

const INPUTS: readonly (readonly unknown[])[] = [
  [],
  [1],
  ["1"],
  ["a", "b"],
  ["ab"],
  [undefined],
  [null],
  [{ at: new Date(5), map: new Map([["k", 1n]]) }],
  [Buffer.from("one"), Buffer.from("two")],
  [Buffer.from("one"), Buffer.from("six")],
  [Buffer.from("onet"), Buffer.from("wo")],
  [new Uint8Array(Buffer.from("one")), Buffer.from("two")],
];

describe("the digest of an input", () => {
  test("is the same for the same arguments, whoever sends them, whenever", () => {
    for (const args of INPUTS) {
      const others = { attempt: 3, depth: 2, parent: newInputId(), deadline: 7, origin: { app: "a", version: "1" } };
      expect(inputDigest(envelopeOf(args, others))).toBe(inputDigest(envelopeOf(structuredCloneWithBuffers(args))));
    }
  });

  test("is another one for other arguments, another method or other parameters", () => {
    const params = encode([1], "params");
    const all = [
      ...INPUTS.map((args) => envelopeOf(args)),
      envelopeOf([1], { method: "m" }),
      envelopeOf([1], { params }),
      envelopeOf([1], { params, method: "m" }),
      envelopeOf([], { params }),
    ];
    expect(new Set(all.map((envelope) => inputDigest(envelope))).size).toBe(all.length);
  });

  test("is the same after the way through an envelope", () => {
    for (const args of INPUTS) {
      const { text, parts } = encodeEnvelope(envelopeOf(args, { params: encode([Buffer.from("p")], "params") }));
      const { callId, ...arrived } = decodeEnvelope(text, parts);
      const { params, ...bare } = envelopeOf(args, { params: encode([Buffer.from("p")], "params") });
      expect(inputDigest({ ...arrived, callId })).toBe(inputDigest({ ...bare, params: params! }));
    }
  });
});

/** The same values in memory of their own. */
function structuredCloneWithBuffers(args: readonly unknown[]): readonly unknown[] {
  return args.map((arg) => (Buffer.isBuffer(arg) ? Buffer.from(arg) : structuredClone(arg)));
}
