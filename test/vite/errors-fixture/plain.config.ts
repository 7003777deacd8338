import { defineConfig } from "vitest/config";

export default defineConfig({ root: import.meta.dirname, test: { include: ["*.check.ts"], testTimeout: 60_000 } });
