/** For a Vitest that a test starts: it shares the machine with the suites beside it, and its own limits are 5 and 10 s. */
export const PATIENCE = ["--testTimeout=120000", "--hookTimeout=120000"] as const;
