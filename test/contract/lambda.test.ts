import { testFunctions } from "tenon/testing";
import { describe, it } from "vitest";
import { skipsOf } from "../helpers/gaps.ts";
import { createLambdaBackend } from "../helpers/lambda/contract-backend.ts";

testFunctions({
  describe,
  it,
  name: "AWS's runtime client on this machine",
  create: () => createLambdaBackend(),
  // AWS's own client tells a function no more than Lambda does.
  skip: skipsOf({ kind: "aws" }, { "lambda-caller-gone": ["ending the iteration ends the generator"] }),
});
