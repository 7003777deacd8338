import { createRequire } from "node:module";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { searchErrorClass } from "../../src/context/class-search.ts";
import type { DeclaredApp } from "../../src/context/declared-app.ts";
import { InvalidError } from "../../src/model/errors.ts";

type Body = (...args: never[]) => unknown;

/** An App whose Functions have these bodies. */
function appOf(...bodies: Body[]): DeclaredApp {
  const functions = new Map(bodies.map((local, n) => [`f${n}`, { spec: {} as never, local }]));
  return {
    name: "app",
    entryFile: null,
    functions,
    entrypoints: new Map(),
    parts: new Set(),
    declaredUses: [],
    toManifest: () => ({}) as never,
  };
}

const find = (name: string, ...bodies: Body[]): unknown => searchErrorClass(name, [appOf(...bodies)], []);

class Declined extends Error {}
class Sub extends Declined {}
const charge = (cents: number): void => {
  throw cents > 10 ? new Declined() : new Sub();
};
class Till {
  charge(cents: number): void {
    charge(cents);
  }
}
const till = new Till();
const services = { deep: { till } };

describe("an error class is found", () => {
  it("that the body names", () => {
    class Local extends Error {}
    expect(
      find("Local", () => {
        throw new Local();
      }),
    ).toBe(Local);
  });

  it.each<[string, Body]>([
    ["in a function that the body calls", () => charge(1)],
    ["in the class of an instance that the body uses", () => till.charge(1)],
    ["in what an object holds", () => services.deep.till.charge(1)],
    ["in the function that is awaited by another one", async () => (() => charge(1))()],
  ])("%s", (_, body) => {
    expect(find("Declined", body)).toBe(Declined);
    expect(find("Sub", body)).toBe(Sub);
  });

  it("behind a namespace whose getters give what a module exports", () => {
    const namespace = Object.defineProperty({}, "Declined", { enumerable: true, get: () => Declined });
    const body = (): unknown => namespace;
    expect(searchErrorClass("Declined", [appOf(body)], [charge, Declined, Sub, till, services])).toBeUndefined();
    Object.defineProperty(namespace, "__esModule", { value: true });
    expect(find("Declined", body)).toBe(Declined);
  });

  it("in a module of CommonJS", () => {
    const require = createRequire(import.meta.url);
    const { body, Odd } = require("../fixtures/common-errors.cjs") as { body: Body; Odd: unknown };
    expect(find("Odd", body)).toBe(Odd);
  });

  it("of the youngest App, since a module that loads again declares its App again", () => {
    const load = (): [Body, unknown] => {
      class Reloaded extends Error {}
      return [() => new Reloaded(), Reloaded];
    };
    const [[first], [second, youngest]] = [load(), load()];
    expect(searchErrorClass("Reloaded", [appOf(first), appOf(second)], [])).toBe(youngest);
  });

  it("also when its Error is another realm's", () => {
    const foreign = runInNewContext("class Foreign extends Error {}; () => new Foreign()") as Body;
    expect((find("Foreign", foreign) as Body).name).toBe("Foreign");
  });
});

describe("no class is found", () => {
  it("that no body leads to", () => {
    expect(find("Absent", () => charge(1))).toBeUndefined();
  });

  it("of Tenon itself, whatever its name", () => {
    expect(find("InvalidError", () => new InvalidError("no"))).toBeUndefined();
  });

  it("that is no error, though it has the name", () => {
    class Plain {}
    expect(find("Plain", () => new Plain())).toBeUndefined();
  });

  it("by running a getter, or by a trap of a proxy", () => {
    const ran: string[] = [];
    const lazy = {
      get errors(): unknown {
        ran.push("getter");
        return { Declined };
      },
    };
    const proxy = new Proxy({ Declined }, { ownKeys: (target) => (ran.push("trap"), Reflect.ownKeys(target)) });
    const body = (): unknown => [lazy, proxy];
    expect(searchErrorClass("Declined", [appOf(body)], [charge, Declined, Sub, till, services, find])).toBeUndefined();
    expect(ran).toEqual([]);
  });
});

it("a search ends soon, however much a body leads to", () => {
  const many = Array.from({ length: 5_000 }, (_, n) => () => n);
  const from = performance.now();
  expect(find("Absent", () => many)).toBeUndefined();
  expect(performance.now() - from).toBeLessThan(2_000);
});
