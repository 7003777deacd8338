// An App that counts the votes that the App of votes.ts takes. Deployed, both use the same Dict of their environment, and
// neither needs the other.
//
//   npx tenon run examples/results.ts
import { App, Dict } from "tenon";

export const app = new App("results-example");

const votes = Dict.fromName<string, string>("example-votes", { createIfMissing: true });

/** How many votes each choice has. */
export const count = app.function("count", async () => {
  const counts: Record<string, number> = {};
  for await (const choice of votes.values()) counts[choice] = (counts[choice] ?? 0) + 1;
  return counts;
});

app.localEntrypoint(async () => {
  for (const [choice, votes] of Object.entries(await count.remote())) console.log(`${choice} has ${votes} votes`);
});
