import { expect, test } from "vitest";
import { lazyApi } from "../../../src/adapters/aws/lazy-api.ts";

interface Numbers {
  add(a: number, b: number): Promise<number>;
  count(to: number): AsyncGenerator<number, void, void>;
  destroy(): void;
}

function numbers(): { readonly api: Numbers; readonly events: string[] } {
  const events: string[] = [];
  const load = async (): Promise<Numbers> => {
    events.push("loaded");
    return {
      add: async (a, b) => a + b,
      async *count(to) {
        for (let n = 1; n <= to; n++) yield n;
      },
      destroy: () => void events.push("destroyed"),
    };
  };
  return { api: lazyApi(load, { count: true }), events };
}

test("an API is loaded by the first call, once, whichever of its methods that is", async () => {
  const { api, events } = numbers();
  expect(events).toEqual([]);
  const items: number[] = [];
  for await (const n of api.count(3)) items.push(n);
  expect([items, await api.add(2, 3), await api.add(1, 1)]).toEqual([[1, 2, 3], 5, 2]);
  expect(events).toEqual(["loaded"]);
});

test("an API that was never called is destroyed without being loaded", async () => {
  const { api, events } = numbers();
  api.destroy();
  await api.add(1, 1);
  api.destroy();
  await new Promise(setImmediate);
  expect(events).toEqual(["loaded", "destroyed"]);
});

test("an API passes through a promise as what it is, and one that can't be loaded rejects each call", async () => {
  const { api } = numbers();
  expect(await Promise.resolve(api)).toBe(api);
  const broken = lazyApi<Numbers>(() => Promise.reject(new RangeError("no such file")), { count: true });
  await expect(broken.add(1, 1)).rejects.toThrow("no such file");
  await expect(broken.count(1).next()).rejects.toThrow("no such file");
});
