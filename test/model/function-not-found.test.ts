import { expect, it } from "vitest";
import { NotFoundError } from "../../src/model/errors.ts";
import { functionNotFound } from "../../src/model/function-not-found.ts";

const ref = { app: "shop", name: "ad" };

it("says which Functions there are, and which is meant most likely", () => {
  const error = functionNotFound(ref, { known: ["add", "echo"], hint: "Deploy it." });
  expect(error).toBeInstanceOf(NotFoundError);
  expect(error.message).toBe('App "shop" has no Function "ad". It has add, echo.');
  expect(error.hint).toBe('Write "add" if that is the one you mean.');
});

it("says what else to do when none is near", () => {
  expect(functionNotFound(ref, { known: ["echo"], hint: "Deploy it." }).hint).toBe("Deploy it.");
  expect(functionNotFound(ref, { known: [] })).toMatchObject({
    message: 'App "shop" has no Function "ad". It has no Function.',
    hint: "Check the name.",
  });
});

it("says where it was looked for when nobody can list them", () => {
  const cause = new TypeError("404");
  const error = functionNotFound(ref, { where: 'environment "dev" on AWS', cause });
  expect(error.message).toBe('App "shop" has no Function "ad" in environment "dev" on AWS.');
  expect(error.cause).toBe(cause);
});
