import { defineConfig } from "vitest/config";

/** Tests that take longer than a change waits for, and tests that repeat more often than for a change: `npm run test:long`. */
export default defineConfig({
  test: {
    include: [
      "test/**/*.long.ts",
      "test/adapters/dict/{aws,local}.test.ts",
      "test/e2e/{aws-kills,faults}.test.ts",
      "test/synth/cfn-lint.test.ts",
      "test/wire/codec.test.ts",
    ],
    testTimeout: 600_000,
    hookTimeout: 180_000,
    maxWorkers: 1,
    env: { TENON_TEST_LONG: "1" },
    server: { deps: { external: [/\/dist\//] } },
  },
});
