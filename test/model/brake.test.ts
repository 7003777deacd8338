import { describe, expect, it } from "vitest";
import { withBrake } from "../../src/model/brake.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import { App } from "../../src/index.ts";

function shop(options: ConstructorParameters<typeof App>[1], own: Readonly<Record<string, number | undefined>>): AppManifest {
  const app = new App("shop", options);
  for (const [name, maxContainers] of Object.entries(own)) app.function(name, { maxContainers }, () => name);
  return app.toManifest();
}

const containersOf = ({ functions }: AppManifest): Readonly<Record<string, number | null>> =>
  Object.fromEntries(Object.values(functions).map(({ name, maxContainers }) => [name, maxContainers]));

describe("an App's maxContainers", () => {
  it("is handed out: a Function keeps its own, the others share the rest, and the sum is the App's", () => {
    const manifest = shop({ maxContainers: 10 }, { a: undefined, b: 3, c: undefined, d: undefined });
    expect(containersOf(manifest)).toEqual({ a: 3, b: 3, c: 2, d: 2 });
    expect(manifest.brake).toEqual({ maxContainers: 10, shares: ["a", "c", "d"] });
  });

  it("can be set anew, from what the Functions said themselves", () => {
    const manifest = shop({ maxContainers: 10 }, { a: undefined, b: 3 });
    expect(containersOf(withBrake(manifest, { maxContainers: 5 }))).toEqual({ a: 2, b: 3 });
    expect(withBrake(manifest, {})).toEqual(manifest);
    // Just enough.
    expect(containersOf(withBrake(manifest, { maxContainers: 4 }))).toEqual({ a: 1, b: 3 });
  });

  it("is refused when the Functions need more", () => {
    expect(() => shop({ maxContainers: 4 }, { a: undefined, b: 3, c: undefined })).toThrow(
      'App "shop": maxContainers is 4, and its 3 Functions need 5: each its own maxContainers, or one.',
    );
  });

  it("leaves an App that says nothing as it is", () => {
    const manifest = shop({}, { a: undefined, b: 3 });
    expect(manifest).not.toHaveProperty("brake");
    expect(containersOf(manifest)).toEqual({ a: null, b: 3 });
  });
});
