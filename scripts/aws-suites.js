// What `npm run test:aws` runs. Each suite has an environment of its own, whose name ends with the suite's letter: what one
// writes is no other's, and one of them destroys its environment.

/** The suites, by their letters. */
export const AWS_SUITES = {
  c: "test/contract/aws.test.ts",
  e: "test/endings/aws.test.ts",
  m: "test/e2e/durable-call-cost.test.ts",
  p: "test/e2e/policies.test.ts",
};
