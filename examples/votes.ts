// An App that takes votes. Its Dict is shared with the App of results.ts, which counts them.
//
//   npx tenon run examples/votes.ts --voter Ada --choice tea
import { App, Dict } from "tenon";

export const app = new App("votes-example");

/** One vote for each voter: the last one counts. */
const votes = Dict.fromName<string, string>("example-votes", { createIfMissing: true });

/** Notes a vote; gives the one that it replaces, if there was one. */
export const vote = app.function("vote", async (voter: string, choice: string) => {
  const before = await votes.get(voter, "nothing");
  await votes.put(voter, choice);
  return before;
});

app.localEntrypoint(
  { options: { voter: { type: "string", default: "Ada" }, choice: { type: "string", default: "tea" } } },
  async ({ voter, choice }) => {
    const before = await vote.remote(voter, choice);
    console.log(`${voter} votes for ${choice}, and voted for ${before} before`);
  },
);
