import { expectTypeOf } from "vitest";
import { App, Dict } from "tenon";

const app = new App("types");
const seen = Dict.fromName<string, number>("seen", { createIfMissing: true });

expectTypeOf(seen.get("a")).toEqualTypeOf<Promise<number | undefined>>();
expectTypeOf(seen.get("a", null)).toEqualTypeOf<Promise<number | null>>();
expectTypeOf(seen.put("a", 1, { skipIfExists: true })).toEqualTypeOf<Promise<boolean>>();
expectTypeOf(seen.pop("a")).toEqualTypeOf<Promise<number>>();
expectTypeOf(seen.pop("a", "none" as const)).toEqualTypeOf<Promise<number | "none">>();
expectTypeOf(seen.keys()).toEqualTypeOf<AsyncGenerator<string, void, void>>();
expectTypeOf(seen.values()).toEqualTypeOf<AsyncGenerator<number, void, void>>();
expectTypeOf(seen.entries()).toEqualTypeOf<AsyncGenerator<[string, number], void, void>>();
// @ts-expect-error a number is no key of it
void seen.get(1);
// @ts-expect-error a text is no value of it
void seen.put("a", "b");
// @ts-expect-error there is no such option
void seen.put("a", 1, { skip: true });
// @ts-expect-error values are numbers
void seen.update({ a: "b" });

void seen.update({ a: 1 });
void seen.update(new Map([["a", 1]]));
void seen.update([["a", 1]]);
void Dict.fromName<"a" | "b", number>("few").update({ a: 1 });
// @ts-expect-error not one of its keys
void Dict.fromName<"a" | "b", number>("few").update({ c: 1 });
void Dict.fromName<Date, number>("dates").update(new Map([[new Date(), 1]]));
// @ts-expect-error the keys of an object are texts
void Dict.fromName<Date, number>("dates").update({ a: 1 });

await using scores = await Dict.ephemeral<string, number>();
expectTypeOf(scores.get("ada")).toEqualTypeOf<Promise<number | undefined>>();

// --- It travels as it is ---

const count = app.function("count", { uses: [seen, Dict.named("user-*")] }, async (dict: Dict<string, number>) => dict.len());
expectTypeOf(count.remote).toEqualTypeOf<(dict: Dict<string, number>) => Promise<number>>();
expectTypeOf(count.remote(scores)).toEqualTypeOf<Promise<number>>();
app.uses(seen).uses(Dict.named("user-*"));
// @ts-expect-error a name alone is no handle
app.uses("seen");
