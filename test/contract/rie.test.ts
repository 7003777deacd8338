import { testFunctions } from "tenon/testing";
import { describe, it } from "vitest";
import { skipsOf } from "../helpers/gaps.ts";
import { createLambdaBackend } from "../helpers/lambda/contract-backend.ts";
import { findRie } from "../helpers/lambda/rie.ts";

const rie = await findRie();

testFunctions({
  // Skipped: without what builds the emulator; `findRie` has said so.
  describe: rie.missing ? describe.skip : describe,
  it,
  name: "AWS's runtime emulator",
  create: () => createLambdaBackend(rie.start),
  // It tells a function no more than Lambda does.
  skip: skipsOf({ kind: "aws" }, { "lambda-caller-gone": ["ending the iteration ends the generator"] }),
});
