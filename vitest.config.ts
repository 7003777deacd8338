import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/fixtures/**"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    // The built package is tested as users load it, so Vitest must not transform it.
    server: { deps: { external: [/\/dist\//] } },
  },
});
