// Counts the words of every Markdown file under a folder: `map` over worker processes.
//
//   npx tenon run examples/wordcount.ts --folder docs
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { App } from "tenon";

export const app = new App("wordcount");

/** The words of one text and how often each occurs. */
export const count = app.function("count", { memoryMiB: 512, retries: 3 }, async (text: string) => {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}[\p{L}'’-]*/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
});

app.localEntrypoint(
  {
    options: {
      folder: { type: "string", default: "node_modules", description: "where to look for Markdown files" },
      top: { type: "number", default: 10, description: "how many words to print" },
    },
  },
  async ({ folder, top }) => {
    const startedAtMs = performance.now();
    const total = new Map<string, number>();
    let files = 0;
    let words = 0;
    for await (const counts of count.map(texts(folder), { orderOutputs: false })) {
      files++;
      for (const [word, times] of counts) {
        words += times;
        total.set(word, (total.get(word) ?? 0) + times);
      }
    }
    const seconds = (performance.now() - startedAtMs) / 1_000;
    const ranking = [...total].sort(([a, timesA], [b, timesB]) => timesB - timesA || a.localeCompare(b));
    for (const [word, times] of ranking.slice(0, top)) console.log(`${String(times).padStart(8)}  ${word}`);
    console.log(
      `${words} words in ${files} files, ${total.size} different: ${Math.round(files / seconds)} files and ${Math.round(words / seconds)} words a second`,
    );
  },
);

async function* texts(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name.toLowerCase().endsWith(".md")) yield readFile(join(entry.parentPath, entry.name), "utf8");
  }
}
