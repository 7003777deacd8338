import { App, FunctionCall, InvalidError, isLocal, RemoteFunction, Retries, TenonError } from "tenon";

export const app = new App("consumer", { tags: { team: "words" } });

export const count = app.function("count", { memoryMiB: 512, retries: 3, timeoutMs: 60_000 }, async (text: string) => {
  if (text === "") throw new InvalidError("no text", { hint: "give some" });
  return text.split(/\s+/).length;
});

export const first = app.function("first", async <T>(items: readonly T[]): Promise<T | undefined> => items[0]);

export const add = app.function("add", { retries: new Retries({ maxRetries: 2 }) }, (a: number, b = 1) => a + b);

export const lines = app.function("lines", async function* (text: string) {
  yield* text.split("\n");
});

export const main = app.localEntrypoint({ options: { file: { type: "string", default: "README.md" } } }, async ({ file }) => {
  const name: string = file;
  await count.remote(name);
});

export async function use(): Promise<number> {
  await using run = await app.run();
  void run;
  const one: number = await count.remote("a b");
  const all: number[] = await count.map(["a", "b c"]).toArray();
  const sums: number[] = await add.starmap([[1, 2], [3]]).toArray();
  const item: string | undefined = await first.remote(["a"]);
  for await (const line of lines.remoteGen("a\nb")) line.toUpperCase();
  const call = await count.spawn("a");
  const two: number = await call.get({ timeoutMs: 1_000 });
  const again = await FunctionCall.fromId<number>(call.functionCallId).get();
  const there = RemoteFunction.fromName<typeof count>("consumer", "count");
  const three: number = await there.with({ timeoutMs: 1_000 }).remote("c");
  // @ts-expect-error a number is no text
  await count.remote(1);
  return isLocal() ? one + two + three + again + all.length + sums.length + (item?.length ?? 0) : 0;
}

export function codeOf(error: unknown): string | undefined {
  return TenonError.is(error) ? error.code : undefined;
}
