// What a user's module exports: every type that the compiler infers here must have a name in "tenon".
import { App, Client, Function_, FunctionCall, MapResult, RemoteFunction, Retries } from "tenon";

export const app = new App("consumer");

export const count = app.function("count", { retries: new Retries({ maxRetries: 1 }) }, async (text: string) => text.length);
export const first = app.function("first", async <T>(items: readonly T[]): Promise<T | undefined> => items[0]);
export const add = app.function("add", (a: number, b = 1) => ({ sum: a + b }));
export const lines = app.function("lines", async function* (text: string) {
  yield* text.split("\n");
  return new Map([[text, 1]]);
});
export const main = app.localEntrypoint(
  { options: { file: { type: "string", default: "a" }, top: { type: "number" } }, positionals: ["more"] },
  ({ file }) => file,
);

export const settled = count.with({ timeoutMs: 1_000 });
export const byName = RemoteFunction.fromName<typeof count>("consumer", "count");
export const generatorByName = Function_.fromName<typeof lines>("consumer", "lines");
export const { remote, map, spawn } = count;
export const { remoteGen } = lines;
export const { remote: unusable } = lines;
export const results = add.starmap([[1, 2]], { returnExceptions: true });
export const call = (): Promise<FunctionCall<number>> => count.spawn("a");
export const calls = async () => FunctionCall.gather(await count.spawn("a"), await add.spawn(1));
export const run = () => app.run();
export const lookup = () => App.lookup("other");
export const client = () => new Client({ backend: "local" });
export const manifest = app.toManifest();
export const isResult = (value: unknown): value is MapResult<number> => value instanceof MapResult;

// @ts-expect-error handles are made by App and fromName
new RemoteFunction();
// @ts-expect-error handles are made by spawn and fromId
new FunctionCall();
