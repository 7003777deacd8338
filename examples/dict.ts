// A Dict that all containers of an App share, and other Apps too: each word is measured once, by whoever meets it first.
//
//   npx tenon run examples/dict.ts
import { App, Dict } from "tenon";

export const app = new App("dict-example");

/** Made by its first use; it stays when the App has ended. */
const lengths = Dict.fromName<string, number>("example-lengths", { createIfMissing: true });

/** Says whether this call was the first one to measure the word, and counts it in the tally that came along. */
export const measure = app.function("measure", async (word: string, tally: Dict<string, number>) => {
  await tally.put(`${word}-${Math.random()}`, 1);
  return lengths.put(word, word.length, { skipIfExists: true });
});

app.localEntrypoint({ options: { text: { type: "string", default: "to be or not to be" } } }, async ({ text }) => {
  const words = text.split(" ");
  await lengths.clear();
  await using tally = await Dict.ephemeral<string, number>();
  const firsts = await measure.starmap(words.map((word) => [word, tally] as const)).toArray();
  console.log(`${await tally.len()} words, ${firsts.filter(Boolean).length} of them different`);
  for await (const [word, length] of lengths.entries()) console.log(`${word} has ${length} letters`);
});
