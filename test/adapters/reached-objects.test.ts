import { describe, expect, test } from "vitest";
import { reachedObjects } from "../../src/adapters/reached-objects.ts";
import type { CodeReach } from "../../src/model/object-use.ts";
import { OBJECT_PORTS, type ObjectPorts } from "../../src/ports/backend.ts";
import { makePorts } from "../../src/ports/make-port.ts";
import { encode } from "../../src/wire/codec.ts";
import { encodeKey } from "../../src/wire/key.ts";

const asked: string[] = [];
/** Answers everything by what it was asked. */
const objects = makePorts<ObjectPorts>(OBJECT_PORTS, (port, method, { shape }) =>
  shape === "stream"
    ? async function* () {
        yield asked.push(`${port}.${method}`);
      }
    : async () => asked.push(`${port}.${method}`),
);
const reach = (dict: CodeReach["objects"]["dict"], hasOwnUses = false): CodeReach => ({
  app: "shop",
  fn: "sell",
  hasOwnUses,
  objects: dict === undefined ? {} : { dict },
});
const ref = (name: string) => ({ name, id: "di-1" });
const key = encodeKey("a");

/** Every operation on the object of a name, and none that has no name. */
const operations = ({ dict }: ObjectPorts, name: string): Readonly<Record<string, () => Promise<unknown>>> => {
  const first = (items: AsyncIterable<unknown>) => items[Symbol.asyncIterator]().next();
  return {
    open: () => dict.open(name),
    create: () => dict.create(name),
    delete: () => dict.delete(name),
    info: () => dict.info(ref(name)),
    heartbeat: () => dict.heartbeat(ref(name)),
    deleteEphemeral: () => dict.deleteEphemeral(ref(name)),
    get: () => dict.get(ref(name), key),
    put: () => dict.put(ref(name), key, encode(1)),
    update: () => dict.update(ref(name), []),
    pop: () => dict.pop(ref(name), key),
    contains: () => dict.contains(ref(name), key),
    len: () => dict.len(ref(name)),
    clear: () => dict.clear(ref(name)),
    keys: () => first(dict.keys(ref(name))),
    entries: () => first(dict.entries(ref(name))),
  };
};

describe("a Function's named objects", () => {
  test("answer every operation within its reach, and none beyond it", async () => {
    const reached = reachedObjects(objects, () => reach([{ name: "seen" }]));
    expect(Object.keys(operations(reached, "")).toSorted()).toEqual(
      Object.keys(OBJECT_PORTS.dict)
        .filter((method) => method !== "list" && method !== "createEphemeral")
        .toSorted(),
    );
    for (const [method, operation] of Object.entries(operations(reached, "seen"))) {
      await operation();
      expect(asked.splice(0)).toEqual([`dict.${method}`]);
    }
    for (const [method, operation] of Object.entries(operations(reached, "other"))) {
      await expect(operation(), method).rejects.toThrow(expect.objectContaining({ name: "PermissionDeniedError" }) as Error);
      expect(asked).toEqual([]);
    }
  });

  test("are never listed", async () => {
    await expect(reachedObjects(objects, () => reach([{ pattern: "a*" }])).dict.list()).rejects.toThrow("may not list Dicts");
  });

  test.each([
    ["an App's", reach([]), "other", 'app.uses(Dict.named("other")), or make the handle at module level.'],
    ["an App's without Dicts", reach(undefined), "~di-1", "Write app.uses(Dict)."],
    ["a Function's own", reach([], true), "other", 'Add it to the Function: app.function("sell", { uses: [Dict.named("other")] }, …).'],
    ["a Function's own without Dicts", reach(undefined, true), "~di-1", 'app.function("sell", { uses: [Dict] }, …).'],
    ["nobody's yet", undefined, "other", 'app.uses(Dict.named("other"))'],
  ])("say what to add to %s uses", async (_, own, name, hint) => {
    const refused = reachedObjects(objects, () => own).dict.get(ref(name), key);
    await expect(refused).rejects.toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) as string }) as Error);
  });

  test("without names are open to every Function that uses the kind", async () => {
    const { dict } = reachedObjects(objects, () => reach([]));
    await dict.createEphemeral();
    await dict.get(ref("~di-1"), key);
    expect(asked.splice(0)).toEqual(["dict.createEphemeral", "dict.get"]);
    await expect(reachedObjects(objects, () => reach(undefined)).dict.createEphemeral()).rejects.toThrow("may not use Dicts without names");
  });
});
