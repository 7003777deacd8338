import { expect, test } from "vitest";
import { callCosts } from "../../src/synth/kinds/calls-costs.ts";
import { manifestOf } from "./template.ts";

test("the plan says how long the App's logs are kept", () => {
  const kept = (aws: object): string | undefined =>
    callCosts(manifestOf({ count: {} }, aws), "dev").find(({ what }) => what.startsWith("logs, while"))?.what;
  expect(kept({})).toBe("logs, while they are kept (30 days by default)");
  expect(kept({ aws: { logRetentionDays: 7 } })).toBe("logs, while they are kept (7 days)");
  expect(kept({ aws: { logRetentionDays: 1 } })).toBe("logs, while they are kept (1 day)");
});
