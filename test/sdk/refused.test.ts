import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OutputTimeoutError } from "../../src/model/errors.ts";
import { App } from "../../src/sdk/index.ts";
import type { MemoryBackend } from "../helpers/memory-backend.ts";
import { errorOf, runInMemory } from "./backend.ts";

describe("a call whose time ends", () => {
  const app = new App("refused");
  const greet = app.function("greet", async (name: string) => `hello ${name}!`);
  let backend: MemoryBackend;
  let stop: () => void;
  beforeEach(() => {
    ({ backend, stop } = runInMemory(app));
  });
  afterEach(() => stop());

  it("says why nothing has started, when nothing but refusals came", async () => {
    const refused = { status: "not-started", reason: "no room", retryAfterMs: 5, noRoom: true } as const;
    const refusal = { says: "Until then it was refused.", hint: "Ask why." };
    backend.intercept = () => ({ ...refused, refusal });
    const calls = [greet.with({ timeoutMs: 60 }).remote("you"), greet.with({ timeoutMs: 60 }).map(["you", "me"]).toArray()];
    for (const call of calls) {
      const error = await errorOf(call);
      expect(error).toBeInstanceOf(OutputTimeoutError);
      expect([error.message, error.hint]).toEqual([expect.stringMatching(/it was cancelled\. Until then it was refused\.$/), "Ask why."]);
    }
    let attempts = 0;
    backend.intercept = () => (attempts++ === 1 ? refused : { ...refused, refusal });
    expect((await errorOf(greet.with({ timeoutMs: 60 }).remote("you"))).message).not.toContain("refused");
  });
});

describe("a spawn", () => {
  const app = new App("known");
  const greet = app.function("greet", async (name: string) => `hello ${name}!`);

  it("of another input under a call id that is known is refused", async () => {
    const { stop } = runInMemory(app);
    await greet.with({ callId: "order-8" }).spawn("first");
    expect(await errorOf(greet.with({ callId: "order-8" }).spawn("second"))).toMatchObject({ code: "ALREADY_EXISTS" });
    stop();
  });
});
