import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/wire/codec.ts";
import { createPacker } from "../../src/wire/parcel.ts";

const rich = encode({ when: new Date(0), bytes: new Uint8Array(2_000).fill(7) });
const plain = encode("plain");

describe("a parcel", () => {
  it("without encoded values is JSON, and nothing for nothing", () => {
    const packer = createPacker();
    expect(packer.pack([1, { a: "b" }])).toEqual({ text: '[1,{"a":"b"}]', parts: [] });
    expect(packer.pack(undefined)).toEqual({ text: "", parts: [] });
    expect(packer.unpack("", [])).toBeUndefined();
  });

  it("that is one encoded value is that value's own text and bytes", () => {
    const packer = createPacker([""]);
    const { text, parts } = packer.pack(rich);
    expect(parts).toBe(rich.parts);
    expect(packer.unpack(text, parts)).toEqual(rich);
    expect(packer.unpack(packer.pack(undefined).text, [])).toBeUndefined();
  });

  it("carries the values at its paths beside the text, of every element, and each with its own bytes", () => {
    const packer = createPacker(["1.*.key", "1.*.value"]);
    const data = [
      { name: "d" },
      [
        { key: plain, value: rich },
        { key: rich, value: plain },
      ],
    ];
    const { text, parts } = packer.pack(data);
    expect(text).not.toContain("plain");
    expect(parts).toHaveLength(4 + 2 * rich.parts.length);
    const back = packer.unpack(text, parts) as typeof data;
    expect(back).toEqual(data);
    expect((decode((back[1] as (typeof data)[1] & { key: typeof rich }[])[1]!.key) as { when: Date }).when).toEqual(new Date(0));
  });

  it("leaves alone what has nothing at a path", () => {
    const packer = createPacker(["value"]);
    const failed = { status: "failed", error: { className: "Error", message: "m" } };
    expect(packer.unpack(packer.pack(failed).text, [])).toEqual(failed);
  });

  it("does not change what it packs", () => {
    const data = Object.freeze([Object.freeze({ args: plain })]);
    createPacker(["0.args"]).pack(data);
    expect(data[0]!.args).toBe(plain);
  });
});
