import { expectTypeOf } from "vitest";
import { App, FunctionCall, RemoteFunction } from "tenon";

const app = new App("types");

// --- An async function: remote is its type ---

const count = app.function("count", async (text: string) => text.length);
expectTypeOf(count.remote).toEqualTypeOf<(text: string) => Promise<number>>();
expectTypeOf(count.local).toEqualTypeOf<(text: string) => Promise<number>>();
expectTypeOf(count.spawn).toEqualTypeOf<(text: string) => Promise<FunctionCall<number>>>();
expectTypeOf(count.with({ timeoutMs: 1 }).remote).toEqualTypeOf<(text: string) => Promise<number>>();
expectTypeOf(await (await count.spawn("a")).get()).toEqualTypeOf<number>();
// @ts-expect-error a number is no text
void count.remote(1);
// @ts-expect-error an argument is missing
void count.remote();
// @ts-expect-error one argument too many
void count.remote("a", "b");
// @ts-expect-error there is no such setting
void count.with({ timeout: 1 });
// @ts-expect-error not a generator
count.remoteGen("a");

// --- Generics and overloads hold ---

const first = app.function("first", async <T>(items: readonly T[]): Promise<T | undefined> => items[0]);
expectTypeOf(await first.remote([1, 2])).toEqualTypeOf<number | undefined>();
expectTypeOf(await first.remote(["a"])).toEqualTypeOf<string | undefined>();
const pick = app.function("pick", async <T, K extends keyof T>(value: T, key: K): Promise<T[K]> => value[key]);
expectTypeOf(await pick.remote({ a: 1, b: "x" }, "b")).toEqualTypeOf<string>();
// @ts-expect-error no such key
void pick.remote({ a: 1 }, "c");

async function parse(value: string): Promise<string[]>;
async function parse(value: number, digits?: number): Promise<number>;
async function parse(value: string | number, _digits?: number): Promise<string[] | number> {
  return typeof value === "string" ? [value] : value;
}
const parser = app.function("parse", parse);
expectTypeOf(await parser.remote("a")).toEqualTypeOf<string[]>();
expectTypeOf(await parser.remote(1, 2)).toEqualTypeOf<number>();
// @ts-expect-error no overload takes it
void parser.remote(true);

// --- A plain function gets a Promise ---

const add = app.function("add", (a: number, b: number) => a + b);
expectTypeOf(add.remote).toEqualTypeOf<(a: number, b: number) => Promise<number>>();
expectTypeOf(add.local).toEqualTypeOf<(a: number, b: number) => number>();
const maybe = app.function("maybe", (wait: boolean): number | Promise<number> => (wait ? Promise.resolve(1) : 1));
expectTypeOf(maybe.remote).toEqualTypeOf<(wait: boolean) => Promise<number>>();
const fails = app.function("fails", (): never => {
  throw new RangeError("always");
});
expectTypeOf(fails.remote).toEqualTypeOf<() => Promise<never>>();
const loose = app.function("loose", (text: string) => JSON.parse(text));
expectTypeOf(loose.remote).toEqualTypeOf<(text: string) => Promise<any>>();
const texts = app.function("texts", (): string[] => ["a"]);
expectTypeOf(texts.remote).toEqualTypeOf<() => Promise<string[]>>();

// --- Optional, default and rest parameters ---

const greet = app.function("greet", async (name: string, mark?: string) => name + (mark ?? "!"));
void greet.remote("a");
void greet.remote("a", "?");
// @ts-expect-error a mark is text
void greet.remote("a", 1);
const scale = app.function("scale", async (n: number, by = 2) => n * by);
expectTypeOf(scale.remote).toEqualTypeOf<(n: number, by?: number) => Promise<number>>();
const sum = app.function("sum", async (...numbers: number[]) => numbers.length);
expectTypeOf(sum.remote).toEqualTypeOf<(...numbers: number[]) => Promise<number>>();
void sum.remote();
void sum.remote(1, 2, 3);

// --- Unions ---

type Shape = { readonly kind: "circle"; readonly radius: number } | { readonly kind: "square"; readonly side: number };
const grow = app.function("grow", async (shape: Shape | null): Promise<Shape | "nothing"> => shape ?? "nothing");
expectTypeOf(await grow.remote({ kind: "circle", radius: 1 })).toEqualTypeOf<Shape | "nothing">();
// @ts-expect-error a square has a side
void grow.remote({ kind: "square", radius: 1 });

// --- Generators ---

const lines = app.function("lines", async function* (text: string) {
  yield* text.split("\n");
  return text.length;
});
expectTypeOf(lines.remoteGen).toEqualTypeOf<(text: string) => AsyncGenerator<string, number, void>>();
const numbers = app.function("numbers", function* (to: number) {
  for (let n = 0; n < to; n++) yield n;
});
expectTypeOf(numbers.remoteGen).toEqualTypeOf<(to: number) => AsyncGenerator<number, void, void>>();
// @ts-expect-error a generator is called by remoteGen
lines.remote("a");
// @ts-expect-error a generator can't be spawned
lines.spawn("a");
// @ts-expect-error a number is no text
lines.remoteGen(1);

// --- `this` ---

interface Counter {
  count: number;
}
// @ts-expect-error a Function has no `this`
app.function("needsThis", async function (this: Counter) {
  return this.count;
});
app.function("noThis", async function (this: void, n: number) {
  return n;
});

// --- Options ---

app.function("options", { memoryMiB: 512, retries: 3, env: { AB: "b" } }, async () => 1);
// @ts-expect-error the option is called timeoutMs
app.function("options", { timeout: 1 }, async () => 1);
// @ts-expect-error a function is needed
app.function("options", { memoryMiB: 512 });

// --- By name ---

const byHandle = RemoteFunction.fromName<typeof count>("types", "count");
expectTypeOf(byHandle.remote).toEqualTypeOf<(text: string) => Promise<number>>();
const bySignature = RemoteFunction.fromName<typeof parse>("types", "parse");
expectTypeOf(await bySignature.remote("a")).toEqualTypeOf<string[]>();
expectTypeOf(RemoteFunction.fromName<typeof lines>("types", "lines").remoteGen).toEqualTypeOf<
  (text: string) => AsyncGenerator<string, number, void>
>();
expectTypeOf(RemoteFunction.fromName("types", "any").remote).toEqualTypeOf<(...args: unknown[]) => Promise<unknown>>();
// @ts-expect-error a Function by name has no body here
byHandle.local("a");
// @ts-expect-error no function
RemoteFunction.fromName<number>("types", "count");

// --- Calls and handles ---

expectTypeOf(await FunctionCall.gather(await count.spawn("a"), await grow.spawn(null))).toEqualTypeOf<[number, Shape | "nothing"]>();
expectTypeOf(FunctionCall.fromId("fc-1")).toEqualTypeOf<FunctionCall<unknown>>();
expectTypeOf(FunctionCall.fromId<number>("fc-1").get).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(count).not.toHaveProperty("then");
const takesAny: RemoteFunction<(text: string) => Promise<number>> = count;
void takesAny;
await using run = await app.run();
expectTypeOf(run.close()).toEqualTypeOf<Promise<void>>();
