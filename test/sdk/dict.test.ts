import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { registry } from "../../src/context/registry.ts";
import type { Backend } from "../../src/ports/backend.ts";
import type { DictPort } from "../../src/ports/dict.ts";
import { HEARTBEAT_EVERY_MS } from "../../src/ports/named-objects.ts";
import { Client, Dict } from "../../src/sdk/index.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { encodeKey } from "../../src/wire/key.ts";
import { openTestDict, type TestDict } from "../adapters/dict/local-dict.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";
import { errorOf } from "./backend.ts";

let opened: TestDict;
let backend: Backend;
/** Every operation that reached the backend. */
let asked: string[];

const watched = (dict: DictPort): DictPort =>
  new Proxy(dict, {
    get(port, name: keyof DictPort) {
      const method = port[name] as ((...args: unknown[]) => unknown) | undefined;
      if (method === undefined) return undefined;
      return (...args: unknown[]) => {
        asked.push(name);
        return method(...args);
      };
    },
  });

beforeEach(async () => {
  opened = await openTestDict();
  asked = [];
  backend = { ...createMemoryBackend([]), objects: { dict: watched(opened.dict) } };
  registry().runs.set("running", backend);
});

afterEach(async () => {
  const known = registry();
  Object.assign(known, { loading: false, backend: undefined, role: "local" });
  known.runs.clear();
  known.handles.length = 0;
  known.apps.length = 0;
  await opened.close();
});

const made = <K, V>(name = "seen"): Dict<K, V> => Dict.fromName<K, V>(name, { createIfMissing: true });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("a handle", () => {
  test("asks nobody before it is used, says what it is, and is not thenable", () => {
    const dict = Dict.fromName("seen");
    expect(dict.name).toBe("seen");
    expect(String(dict)).toBe("Dict(seen)");
    expect(inspect({ dict })).toBe("{ dict: Dict(seen) }");
    expect("then" in dict).toBe(false);
    expect(() => JSON.stringify(dict)).toThrow("Dict(seen) can't be turned into JSON.");
    expect(asked).toEqual([]);
  });

  test("finds its Dict once", async () => {
    const dict = made<string, number>();
    await dict.put("a", 1);
    await dict.get("a");
    expect(asked).toEqual(["open", "put", "get"]);
  });

  test("of a Dict that nobody has made is refused at its first use, and works once there is one", async () => {
    const dict = Dict.fromName<string, number>("later");
    expect(await errorOf(dict.get("a"))).toMatchObject({
      name: "NotFoundError",
      message: 'Dict "later" does not exist in environment "dev".',
      hint: 'Write Dict.fromName("later", { createIfMissing: true }), or run `tenon dict create later`.',
    });
    await Dict.objects.create("later");
    expect(await dict.get("a")).toBeUndefined();
  });

  test("of a Dict that was deleted and made again is refused", async () => {
    const dict = made<string, number>();
    await dict.put("a", 1);
    await Dict.objects.delete("seen");
    await made("seen").len();
    expect(await errorOf(dict.get("a"))).toMatchObject({ name: "NotFoundError", hint: "Make a new handle with Dict.fromName." });
    expect(await made<string, number>().get("a")).toBeUndefined();
  });

  test.each([
    ["a wrong name", () => Dict.fromName("a b"), 'Invalid Dict name: "a b".'],
    ["an unknown option", () => Dict.fromName("a", { create: true } as never), "Dict.fromName: there is no option `create`."],
    ["Modal's spelling", () => Dict.fromName("a", { create_if_missing: true } as never), "`create_if_missing` is now `createIfMissing`."],
    ["a flag that is none", () => Dict.fromName("a", { createIfMissing: 1 } as never), "createIfMissing is 1. It must be true or false."],
    ["a wrong environment", () => Dict.fromName("a", { environment: "en-x" }), 'Invalid environment name: "en-x".'],
    ["new", () => new (Dict as unknown as new () => unknown)(), "Dict has no constructor of its own."],
    ["a wrong pattern", () => Dict.named("a#*"), 'Invalid pattern: "a#*".'],
    ["a wrong name in place of a pattern", () => Dict.named("a b"), 'Invalid Dict name: "a b".'],
  ])("is refused at once for %s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  test("is refused while a module loads, and without a backend", async () => {
    const dict = made();
    registry().loading = true;
    expect(await errorOf(dict.len())).toMatchObject({ name: "ExecutionError", message: "Dict(seen) is called while the module loads." });
    registry().loading = false;
    registry().runs.clear();
    expect(await errorOf(dict.len())).toMatchObject({
      name: "InvalidError",
      hint: expect.stringContaining("TENON_BACKEND=local") as string,
    });
  });

  test("takes an explicit client before the container's backend, and that before an App that runs here", async () => {
    const never = (): never => {
      throw new RangeError("the wrong backend");
    };
    const wrong: Backend = { ...createMemoryBackend([]), objects: { dict: new Proxy({} as DictPort, { get: never }) } };
    registry().runs.set("running", wrong);
    registry().backend = backend;
    expect(await made().len()).toBe(0);
    registry().backend = wrong;
    const client = Object.assign(new Client({ backend: "local" }), { connected: () => backend });
    expect(await Dict.fromName("seen", { client }).len()).toBe(0);
    expect(await Dict.objects.list({ client })).toHaveLength(1);
  });

  test("stands for one Dict, however many first uses there are at once", async () => {
    const dict = made<number, number>();
    await Promise.all(Array.from({ length: 20 }, (_, i) => dict.put(i, i)));
    expect(asked.filter((operation) => operation === "open")).toEqual(["open"]);
    // One that could not be found is looked for again.
    const later = Dict.fromName<string, number>("later");
    expect(await errorOf(later.len())).toMatchObject({ name: "NotFoundError" });
    await Dict.objects.create("later");
    expect(await later.len()).toBe(0);
  });

  test("is refused for a client of another environment than the one that is named", async () => {
    const client = new Client({ backend: "local", environment: "prod" });
    const message = 'The environment is "staging", and the client is one of environment "prod".';
    for (const use of [
      () => Dict.fromName("seen", { client, environment: "staging" }).len(),
      () => Dict.objects.list({ client, environment: "staging" }),
      () => Dict.objects.delete("seen", { client, environment: "staging", allowMissing: true }),
      () => Dict.ephemeral({ client, environment: "staging" }),
    ])
      expect(await errorOf((async () => use())())).toMatchObject({
        name: "InvalidError",
        message: expect.stringContaining(message) as string,
      });
    expect(() => Dict.fromName("seen", { client: {} as never })).toThrow("It must be a Client.");
  });

  test("in a container is within reach of its Function whichever client it names, and in its environment", async () => {
    Object.assign(registry(), { role: "container", backend });
    const client = new Client({ backend: "local", environment: "dev" });
    expect(await Dict.fromName("seen", { client, createIfMissing: true }).len()).toBe(0);
    expect(asked).toEqual(["open", "len"]);
    const refusal = {
      name: "PermissionDeniedError",
      message:
        'Dict(seen) is of environment "prod", and this Function runs in "dev". A Function may use the objects of its own environment only.',
    };
    const other = new Client({ backend: "local", environment: "prod" });
    vi.stubEnv("TENON_BACKEND", "local");
    expect(await errorOf((async () => Dict.fromName("seen", { client: other }).len())())).toMatchObject(refusal);
    expect(await errorOf((async () => Dict.fromName("seen", { environment: "prod" }).len())())).toMatchObject(refusal);
    vi.unstubAllEnvs();
  });

  test("looks only where its environment is", async () => {
    const elsewhere = Dict.fromName("seen", { createIfMissing: true, environment: "prod" });
    expect(await errorOf(elsewhere.len())).toMatchObject({ name: "InvalidError" });
    registry().runs.set("other", { ...backend, environment: "prod" });
    expect(await elsewhere.len()).toBe(0);
  });
});

describe("pairs", () => {
  test("get gives the value, the default for a key that is not there, and a stored undefined as it is", async () => {
    const dict = made<unknown, unknown>();
    await dict.put({ a: 1, b: [new Date(5)] }, new Map([["x", 1n]]));
    await dict.put("nothing", undefined);
    expect(await dict.get({ b: [new Date(5)], a: 1 })).toEqual(new Map([["x", 1n]]));
    expect(await dict.get("missing")).toBeUndefined();
    expect(await dict.get("missing", 7)).toBe(7);
    expect(await dict.get("nothing", 7)).toBeUndefined();
  });

  test("put says whether it wrote", async () => {
    const dict = made<string, number>();
    expect(await dict.put("a", 1)).toBe(true);
    expect(await dict.put("a", 2, { skipIfExists: true })).toBe(false);
    expect(await dict.put("a", 3)).toBe(true);
    expect(await dict.get("a")).toBe(3);
    expect(await errorOf(dict.put("a", 1, { skip_if_exists: true } as never))).toMatchObject({
      message: "put: `skip_if_exists` is now `skipIfExists`.",
    });
  });

  test("pop removes and gives; a missing key gives the default, or NotFoundError without one", async () => {
    const dict = made<string, number>();
    await dict.put("a", 1);
    expect(await dict.pop("a")).toBe(1);
    expect(await dict.pop("a", null)).toBeNull();
    expect(await dict.pop("a", undefined)).toBeUndefined();
    expect(await errorOf(dict.pop("a"))).toMatchObject({ name: "NotFoundError", message: '"a" is not in Dict(seen).' });
  });

  test("update takes a Map, pairs and an object; of two with one key the later counts", async () => {
    const dict = made<string, number>();
    await dict.update({ a: 1, b: 2 });
    await dict.update(new Map([["b", 3]]));
    await dict.update(
      (function* () {
        yield ["c", 4] as const;
        yield ["c", 5] as const;
      })(),
    );
    expect(new Map(await all(dict.entries()))).toEqual(
      new Map([
        ["a", 1],
        ["b", 3],
        ["c", 5],
      ]),
    );
    for (const wrong of [[1, 2], [null], [{}], [["a"]], [["a", 1, 2]], ["ab"], [[]], new Uint8Array(1)])
      expect(await errorOf(dict.update(wrong as never))).toMatchObject({
        name: "InvalidError",
        message: expect.stringMatching(/^update: entry 0 is .* It must be a pair: \[key, value\]\.$/) as string,
      });
    expect(await dict.len()).toBe(3);
    for (const wrong of ["abc", 7, null])
      expect(await errorOf(dict.update(wrong as never))).toMatchObject({
        message: expect.stringContaining("They must be a Map") as string,
      });
    expect(await errorOf(dict.update(Array.from({ length: 10_001 }, (_, i) => [String(i), i] as const)))).toMatchObject({
      name: "RequestSizeError",
      message: "Dict.update request is too large: 10001 entries; the most is 10000.",
    });
  });

  test("contains, len, keys, values and clear", async () => {
    const dict = made<string, number>();
    await dict.update({ a: 1, b: 2 });
    expect(await dict.contains("a")).toBe(true);
    expect(await dict.contains("c")).toBe(false);
    expect(await dict.len()).toBe(2);
    expect((await all(dict.keys())).toSorted()).toEqual(["a", "b"]);
    expect((await all(dict.values())).toSorted()).toEqual([1, 2]);
    await dict.clear();
    expect(await dict.len()).toBe(0);
  });

  test("a value that is changed after it was read is not written back", async () => {
    const dict = made<string, { list: number[] }>();
    await dict.put("a", { list: [1] });
    (await dict.get("a"))?.list.push(2);
    expect(await dict.get("a")).toEqual({ list: [1] });
  });

  test("a value that can't be sent, a key that can't be one and bytes that are no value are refused by name", async () => {
    const dict = made<unknown, unknown>();
    expect(await errorOf(dict.put("a", { f: () => 1 }))).toMatchObject({
      name: "SerializationError",
      message: expect.stringContaining("value.f") as string,
    });
    expect(await errorOf(dict.get(new RangeError("x")))).toMatchObject({ name: "SerializationError" });
    const ref = await backend.objects.dict.open("seen", { createIfMissing: true });
    await backend.objects.dict.put(ref, encodeKey("bad"), { codec: "devalue", text: "[", parts: [] });
    expect(await errorOf(dict.get("bad"))).toMatchObject({
      name: "DeserializationError",
      message: expect.stringContaining('The value of "bad" in Dict(seen) can\'t be read') as string,
    });
  });
});

describe("an ephemeral Dict", () => {
  test("works until it is closed, and is gone then", async () => {
    let kept: Dict<string, number>;
    {
      await using dict = await Dict.ephemeral<string, number>();
      kept = dict;
      expect(dict.name).toBeNull();
      expect(String(dict)).toMatch(/^Dict\(di-\w{22}\)$/);
      await dict.put("a", 1);
      expect(await dict.info()).toMatchObject({ name: null });
      expect(await Dict.objects.list()).toEqual([]);
    }
    expect(await errorOf(kept.get("a"))).toMatchObject({ name: "NotFoundError", hint: "Use it before it is closed." });
    await (kept as Awaited<ReturnType<typeof Dict.ephemeral>>).close();
  });

  test("says every 300 s that it is in use, until it is closed", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const dict = await Dict.ephemeral();
      vi.advanceTimersByTime(3 * HEARTBEAT_EVERY_MS);
      await dict.close();
      vi.advanceTimersByTime(3 * HEARTBEAT_EVERY_MS);
      expect(asked.filter((name) => name === "heartbeat")).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a handle inside a value", () => {
  test("arrives as a handle of the same Dict", async () => {
    const dict = made<string, unknown>();
    const arrived = decode(encode({ dict })) as { dict: Dict<string, unknown> };
    await arrived.dict.put("other", made("other"));
    const other = (await dict.get("other")) as Dict<string, number>;
    await other.put("a", 1);
    expect(await made<string, number>("other").get("a")).toBe(1);
  });

  test("arrives by its id when it has no name", async () => {
    await using dict = await Dict.ephemeral<string, number>();
    const arrived = decode(encode([dict])) as [Dict<string, number>];
    await arrived[0].put("a", 1);
    expect(await dict.get("a")).toBe(1);
    expect(arrived[0].name).toBeNull();
  });

  test("can be a key", async () => {
    const dict = made<Dict, number>();
    await dict.put(made("other"), 1);
    expect(await dict.get(made("other"))).toBe(1);
  });
});

describe("the Dicts of an environment", () => {
  test("are created, listed newest first and deleted", async () => {
    await Dict.objects.create("one");
    opened.pass(1_000);
    await Dict.objects.create("two");
    expect(await errorOf(Dict.objects.create("two"))).toMatchObject({ name: "AlreadyExistsError" });
    await Dict.objects.create("two", { allowExisting: true });
    const listed = await Dict.objects.list();
    expect(listed.map(({ name }) => name)).toEqual(["two", "one"]);
    expect(await listed[0]?.len()).toBe(0);
    const { createdAt, createdBy, name, id } = await made("two").info();
    expect([name, createdAt instanceof Date, typeof createdBy, id.slice(0, 3)]).toEqual(["two", true, "string", "di-"]);
    expect(await Dict.objects.list({ maxObjects: 1 })).toHaveLength(1);
    expect((await Dict.objects.list({ createdBefore: createdAt })).map((dict) => dict.name)).toEqual(["one"]);
    await Dict.objects.delete("one");
    expect(await errorOf(Dict.objects.delete("one"))).toMatchObject({ name: "NotFoundError" });
    await Dict.objects.delete("one", { allowMissing: true });
    expect(await errorOf(listed[1]!.len())).toMatchObject({ name: "NotFoundError" });
  });

  test.each([
    ["a negative number", { maxObjects: -1 }, "maxObjects is -1. It must be an integer, 0 or more."],
    ["a time that is none", { createdBefore: new Date(Number.NaN) }, "createdBefore is"],
    ["an unknown option", { limit: 1 }, "there is no option `limit`"],
  ])("refuse to be listed by %s", async (_, params, message) => {
    expect((await errorOf(Dict.objects.list(params as never))).message).toContain(message);
  });
});
