import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidError } from "../../src/model/errors.ts";
import { physicalName } from "../../src/model/physical-name.ts";

function hash(parts: readonly string[]): string {
  const bits = Array.from(createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 10), (byte) =>
    byte.toString(2).padStart(8, "0"),
  );
  return bits.join("").replaceAll(/.{5}/g, (digit) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(digit, 2)] ?? "");
}

describe("a physical name", () => {
  it("is readable and ends with a hash of its parts", () => {
    expect(physicalName(["tenon", "dev", "word.count", "count_words"])).toBe(
      `tenon-dev-word-count-count_words-${hash(["tenon", "dev", "word.count", "count_words"])}`,
    );
  });

  it("stays the same for ever, since deployed resources have it", () => {
    expect(physicalName(["tenon", "dev", "calls"])).toBe("tenon-dev-calls-ygwbfgngemzolfi6");
  });

  it("tells parts apart that read the same", () => {
    const names = [["a", "b-c"], ["a-b", "c"], ["a-b-c"], ["a.b", "c"], ["a_b", "c"]].map((parts) => physicalName(parts));
    expect(new Set(names).size).toBe(names.length);
  });

  it("fits, whatever the parts are, and needs no escape in any service", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", maxLength: 100 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 18, max: 128 }),
        (parts, maxLength) => {
          const name = physicalName(parts, maxLength);
          expect(name.length).toBeLessThanOrEqual(maxLength);
          expect(name).toMatch(/^[a-zA-Z0-9\-_]*-[a-z2-7]{16}$/);
          expect(name.endsWith(hash(parts))).toBe(true);
        },
      ),
    );
  });

  it("is refused without parts or room", () => {
    expect(() => physicalName([])).toThrow(InvalidError);
    expect(() => physicalName(["a"], 17)).toThrow("at most 17 characters");
  });
});
