import { afterEach, describe, expect, test } from "vitest";
import { registry } from "../../src/context/registry.ts";
import { inputContext } from "../../src/context/context.ts";
import { App, Dict } from "../../src/sdk/index.ts";

afterEach(() => {
  const known = registry();
  known.loading = false;
  known.handles.length = 0;
  known.apps.length = 0;
});

describe("what an App may use", () => {
  const body = async (): Promise<number> => 1;

  test("are the handles that its module makes and what it names by uses", () => {
    registry().loading = true;
    const app = new App("wordcount");
    Dict.fromName("seen");
    Dict.fromName("seen", { createIfMissing: true });
    registry().loading = false;
    Dict.fromName("made-later");
    app.uses(Dict.named("user-*"), Dict.fromName("named"));
    expect(app.toManifest().objects).toEqual({ dict: [{ name: "named" }, { name: "seen" }, { pattern: "user-*" }] });
  });

  test("is nothing by itself, and with the class Dicts without names", () => {
    expect(new App("wordcount").toManifest()).not.toHaveProperty("objects");
    const app = new App("scores").uses(Dict);
    expect(app.toManifest().objects).toEqual({ dict: [] });
    expect(app.function("f", { uses: [Dict] }, body).spec.uses).toEqual({ dict: [] });
  });

  test("is for a Function with uses no more than those", () => {
    const app = new App("wordcount");
    const seen = Dict.fromName("seen");
    expect(app.function("some", { uses: [seen, Dict.named("a-*")] }, body).spec.uses).toEqual({
      dict: [{ pattern: "a-*" }, { name: "seen" }],
    });
    expect(app.function("none", { uses: [] }, body).spec.uses).toEqual({});
    expect(app.function("all", body).spec).not.toHaveProperty("uses");
    expect(app.toManifest().objects).toEqual({ dict: [{ pattern: "a-*" }, { name: "seen" }] });
    expect(() => app.function("wrong", { uses: ["seen"] as never }, body)).toThrow('uses[0] is "seen". It must be a handle');
    expect(() => app.function("wrong", { uses: seen as never }, body)).toThrow("It must be an array of handles.");
  });

  test("are of several Apps only what each names, unless one includes the others", () => {
    registry().loading = true;
    const [one, other] = [new App("one"), new App("other")];
    Dict.fromName("seen");
    registry().loading = false;
    other.uses(Dict.fromName("its-own"));
    expect(one.toManifest().objects).toBeUndefined();
    expect(other.toManifest().objects).toEqual({ dict: [{ name: "its-own" }] });
    one.include(other);
    expect(one.toManifest().objects).toEqual({ dict: [{ name: "its-own" }, { name: "seen" }] });
  });
});

test("a handle made inside a Function's body belongs to nobody's module", () => {
  inputContext.run({} as never, () => Dict.fromName("computed"));
  expect(registry().handles).toEqual([]);
});
