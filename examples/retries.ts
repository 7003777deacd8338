// A Function that fails now and then is retried, and its body can tell which attempt it is.
//
//   npx tenon run examples/retries.ts
import { App, currentAttempt, Retries } from "tenon";

export const app = new App("retries");

export const flaky = app.function(
  "flaky",
  { retries: new Retries({ maxRetries: 3, initialDelayMs: 1_000, backoffCoefficient: 1 }) },
  async (succeedsAt: number) => {
    const attempt = currentAttempt() ?? 1;
    console.log(`attempt ${attempt}`);
    if (attempt < succeedsAt) throw new Error(`the service is busy (attempt ${attempt})`);
    return attempt;
  },
);

app.localEntrypoint({}, async () => {
  console.log(`succeeded at attempt ${await flaky.remote(3)}`);
});
