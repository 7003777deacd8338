import { expectTypeOf } from "vitest";
import { App } from "tenon";
import type { MapResult } from "tenon";

const app = new App("types");
const count = app.function("count", async (text: string) => text.length);
const add = app.function("add", (a: number, b: number) => a + b);

expectTypeOf(count.map(["a"])).toEqualTypeOf<MapResult<number>>();
expectTypeOf(await count.map(new Set(["a"])).toArray()).toEqualTypeOf<number[]>();
for await (const n of count.map(["a"], { orderOutputs: false })) expectTypeOf(n).toEqualTypeOf<number>();

// --- Failures as results ---

expectTypeOf(count.map(["a"], { returnExceptions: true })).toEqualTypeOf<MapResult<number | Error>>();
expectTypeOf(count.map(["a"], { returnExceptions: false })).toEqualTypeOf<MapResult<number>>();
declare const flag: boolean;
expectTypeOf(count.map(["a"], { returnExceptions: flag })).toEqualTypeOf<MapResult<number | Error>>();

// --- Inputs ---

async function* pages(): AsyncGenerator<string> {
  yield "a";
}
function* words(): Generator<string> {
  yield "a";
}
void count.map(pages());
void count.map(words());
void count.map(new Map([["a", 1]]).keys());
declare const readonlyTexts: readonly string[];
void count.map(readonlyTexts);
// @ts-expect-error a string is one value, not many
void count.map("abc");
// @ts-expect-error numbers are no texts
void count.map([1, 2]);
// @ts-expect-error one value is no iterable
void count.map(1);
// @ts-expect-error there is no such parameter
void count.map(["a"], { ordered: true });

// --- Callable with one argument ---

const greet = app.function("greet", async (name: string, mark?: string) => name + (mark ?? "!"));
const scale = app.function("scale", async (n: number, by = 2) => n * by);
const sum = app.function("sum", async (...numbers: number[]) => numbers.length);
const log = app.function("log", async (level: string, ...rest: number[]) => level + rest.length);
const maybe = app.function("maybe", async (text?: string) => text ?? "");
const none = app.function("none", async () => 1);
const pair = app.function("pair", async (a: string, b: string, ...more: string[]) => a + b + more.length);
expectTypeOf(greet.map(["a"])).toEqualTypeOf<MapResult<string>>();
expectTypeOf(scale.map([1])).toEqualTypeOf<MapResult<number>>();
expectTypeOf(sum.map([1])).toEqualTypeOf<MapResult<number>>();
expectTypeOf(log.map(["info"])).toEqualTypeOf<MapResult<string>>();
expectTypeOf(maybe.map(["a", undefined])).toEqualTypeOf<MapResult<string>>();
// @ts-expect-error add needs two arguments: starmap
void add.map([1, 2]);
// @ts-expect-error pair needs two arguments: starmap
void pair.map(["a"]);
// @ts-expect-error none takes no argument
void none.map([1]);
// @ts-expect-error sum takes numbers
void sum.map(["a"]);

// --- starmap and forEach ---

expectTypeOf(add.starmap([[1, 2]])).toEqualTypeOf<MapResult<number>>();
expectTypeOf(greet.starmap([["a"], ["b", "?"]])).toEqualTypeOf<MapResult<string>>();
expectTypeOf(add.starmap([[1, 2]], { returnExceptions: true })).toEqualTypeOf<MapResult<number | Error>>();
declare const pairs: ReadonlyMap<number, number>;
void add.starmap(pairs);
// @ts-expect-error one is missing
void add.starmap([[1]]);
// @ts-expect-error a text is no number
void add.starmap([[1, "2"]]);
expectTypeOf(count.forEach(["a"], { ignoreExceptions: true })).toEqualTypeOf<Promise<void>>();
// @ts-expect-error a string is one value, not many
void count.forEach("abc");

// --- Unions and generics ---

const either = app.function("either", async (value: string | number): Promise<"text" | null> =>
  typeof value === "string" ? "text" : null,
);
expectTypeOf(either.map(["a", 1])).toEqualTypeOf<MapResult<"text" | null>>();
const same = app.function("same", async <T>(value: T): Promise<T> => value);
expectTypeOf(same.map([1, "a"])).toEqualTypeOf<MapResult<unknown>>();

// --- Generators have none ---

const lines = app.function("lines", async function* (text: string) {
  yield text;
});
// @ts-expect-error a generator is called by remoteGen
void lines.map(["a"]);
// @ts-expect-error a generator is called by remoteGen
void lines.starmap([["a"]]);
