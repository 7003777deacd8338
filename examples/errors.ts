// A remote error arrives as itself: with its class, its fields, its cause, and the line in this file.
//
//   npx tenon run examples/errors.ts
import { App, FunctionTimeoutError } from "tenon";

export const app = new App("errors");

export class PaymentDeclined extends Error {
  override readonly name = "PaymentDeclined";
  readonly amountCents: number;

  constructor(message: string, amountCents: number, options?: ErrorOptions) {
    super(message, options);
    this.amountCents = amountCents;
  }
}

export const pay = app.function("pay", async (amountCents: number) => {
  if (amountCents > 10_000) throw new PaymentDeclined("the limit is 100.00", amountCents, { cause: new RangeError("over the limit") });
  return `paid ${(amountCents / 100).toFixed(2)}`;
});

export const sleepy = app.function("sleepy", { timeoutMs: 1_000 }, async () => {
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});

app.localEntrypoint({}, async () => {
  console.log(await pay.remote(999));
  try {
    await pay.remote(25_000);
  } catch (error) {
    if (!(error instanceof PaymentDeclined)) throw error;
    console.log(`${error.name}: ${error.message}, amount ${error.amountCents}, because of ${String(error.cause)}`);
  }
  for await (const answer of pay.map([100, 20_000, 300], { returnExceptions: true })) {
    console.log(answer instanceof Error ? `declined: ${answer.message}` : answer);
  }
  try {
    await sleepy.remote();
  } catch (error) {
    if (!(error instanceof FunctionTimeoutError)) throw error;
    console.log(error.code);
  }
});
