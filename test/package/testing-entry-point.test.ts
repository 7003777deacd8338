import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { type Installed, installPacked } from "./installed.ts";

// Only says whether an emulator runs here: the user's project starts its own.
const aws = await emulatedAws();

describeAws(aws)("a user's project with the packed package and Vitest", () => {
  let user: Installed;
  beforeAll(() => {
    user = installPacked("vitest@4.1");
    cpSync(join(import.meta.dirname, "../../examples/testing"), join(user.folder, "testing"), { recursive: true });
  });
  afterAll(() => user.remove());

  it("tests a deployed App on the emulated AWS that comes with it", () => {
    expect(user.run("npx", ["--no-install", "vitest", "run", "--root", "testing"])).toMatch(/3 passed/);
  });
});
