// A Function that yields: items arrive while it runs, and `break` ends it.
//
//   npx tenon run examples/generator.ts --below 50
import { App } from "tenon";

export const app = new App("primes");

export const primes = app.function("primes", async function* (from: number) {
  for (let n = Math.max(2, from); ; n++) {
    let prime = true;
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0;
    if (prime) yield n;
  }
});

app.localEntrypoint({ options: { below: { type: "number", default: 50, description: "stop at this number" } } }, async ({ below }) => {
  for await (const prime of primes.remoteGen(2)) {
    if (prime >= below) break;
    console.log(prime);
  }
});
