import fc from "fast-check";
import { expect, it } from "vitest";
import { folderName } from "../../src/util/folder-name.ts";

const of = (name: string): string => folderName(name, [name]);

it("begins with what it is the name of, as far as every file system takes it", () => {
  expect(folderName("dev-Word.Count", ["dev", "Word.Count"])).toMatch(/^dev-word-count-[0-9a-f]{14}$/);
  expect(of("x".repeat(300))).toMatch(/^x{48}-[0-9a-f]{14}$/);
});

it.each([".", "..", "", "...", "/", "../../etc", "a/b", "a\\b", "CON", "nul", "a.", ".hidden", "-rf", "ä\u0000"])(
  "is one step of a path, and no device, for %j",
  (name) => {
    expect(of(name)).toMatch(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?-)?[0-9a-f]{14}$/);
  },
);

it("differs for names that differ, in case only too", () => {
  expect(of("Shop")).not.toBe(of("shop"));
  expect(folderName("a-b", ["a", "b"])).not.toBe(folderName("a-b", ["a-b"]));
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ maxLength: 70 }), { minLength: 2, maxLength: 20 }), (names) => {
      expect(new Set(names.map(of)).size).toBe(names.length);
    }),
  );
});
