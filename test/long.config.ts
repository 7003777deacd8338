import { defineConfig } from "vitest/config";

/** Tests that take longer than a change waits for: `npm run test:long`. */
export default defineConfig({ test: { include: ["test/**/*.long.ts"], maxWorkers: 1 } });
