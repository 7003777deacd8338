import { describe, expect, it } from "vitest";
import { defaultEnvironment } from "../../src/model/environment-name.ts";
import { InvalidError } from "../../src/model/errors.ts";

describe("the environment of a process that names none", () => {
  it("is that of TENON_ENVIRONMENT", () => {
    expect(defaultEnvironment({ TENON_ENVIRONMENT: "staging" })).toBe("staging");
  });

  it("is dev when the variable is absent or empty", () => {
    expect(defaultEnvironment({})).toBe("dev");
    expect(defaultEnvironment({ TENON_ENVIRONMENT: "" })).toBe("dev");
  });

  it("is refused when it is no environment's name", () => {
    expect(() => defaultEnvironment({ TENON_ENVIRONMENT: "a b" })).toThrow(InvalidError);
  });
});
