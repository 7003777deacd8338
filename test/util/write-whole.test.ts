import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeWhole, writeWholeAsync } from "../../src/util/write-whole.ts";

let folder: string;
let place: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tenon-whole-"));
  place = join(folder, "thing");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fill = (text: string) => (made: string) => {
  mkdirSync(join(made, "inner"), { recursive: true });
  writeFileSync(join(made, "inner", "file"), text);
};
const isThere = () => existsSync(join(place, "inner", "file"));
const content = () => readFileSync(join(place, "inner", "file"), "utf8");

describe("what is written whole", () => {
  it("is not in its place while it is being made", () => {
    const took = writeWhole(place, (made) => {
      writeFileSync(made, "new");
      expect(existsSync(place)).toBe(false);
    });
    expect([took, readFileSync(place, "utf8"), readdirSync(folder)]).toEqual([true, "new", ["thing"]]);
  });

  it("replaces a file and a link", () => {
    writeFileSync(place, "old");
    writeWhole(place, (made) => writeFileSync(made, "new"));
    expect(readFileSync(place, "utf8")).toBe("new");
    writeWhole(place, (made) => symlinkSync("elsewhere", made));
    expect(readlinkSync(place)).toBe("elsewhere");
  });

  it("leaves what another process has put there in the meantime", () => {
    const took = writeWhole(
      place,
      (made) => {
        fill("second")(made);
        fill("first")(place);
      },
      { isThere },
    );
    expect([took, content(), readdirSync(folder)]).toEqual([false, "first", ["thing"]]);
  });

  it("takes the place of a folder that is not whole", () => {
    mkdirSync(join(place, "half"), { recursive: true });
    writeFileSync(join(place, "half", "x"), "");
    expect(writeWhole(place, fill("whole"), { isThere })).toBe(true);
    expect([content(), readdirSync(place)]).toEqual(["whole", ["inner"]]);
  });

  it("leaves nothing when it fails, and what was there before", async () => {
    writeFileSync(place, "old");
    const fail = (made: string): void => {
      fill("half")(made);
      throw new RangeError("no more");
    };
    expect(() => writeWhole(place, fail)).toThrow("no more");
    await expect(writeWholeAsync(place, async (made) => fail(made))).rejects.toThrow("no more");
    expect([readFileSync(place, "utf8"), readdirSync(folder)]).toEqual(["old", ["thing"]]);
  });

  it("is put on disk first when it is to be durable, links and folders included", async () => {
    const made = await writeWholeAsync(
      place,
      async (path) => {
        fill("kept")(path);
        symlinkSync("nowhere", join(path, "link"));
      },
      { isThere, durable: true },
    );
    expect([made, content()]).toEqual([true, "kept"]);
  });
});
