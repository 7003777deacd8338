import { describe, expect, it } from "vitest";
import { renameApp } from "../../src/adapters/renamed-app.ts";
import { APP_PORTS, type AppPorts, type Backend } from "../../src/ports/backend.ts";
import { appReader, makePorts, routePorts } from "../../src/ports/make-port.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";

/** A backend that answers every operation with the arguments it was given. */
function echoing(answers: Readonly<Record<string, unknown>> = {}): { readonly backend: Backend; readonly asked: [string, ...unknown[]][] } {
  const asked: [string, ...unknown[]][] = [];
  const ports = makePorts<AppPorts>(APP_PORTS, (port, method, { shape }) => {
    const name = `${port}.${method}`;
    if (shape === "stream") {
      return async function* (...args) {
        asked.push([name, ...args]);
        yield name;
        return answers[name];
      };
    }
    return async (...args) => {
      asked.push([name, ...args]);
      return answers[name];
    };
  });
  return { backend: { ...createMemoryBackend([]), ...ports }, asked };
}

const ref = { app: "shop", name: "charge" };

describe("an App under another name", () => {
  it("is asked for by the deployed name in every operation that names it, and answers with the declared one", async () => {
    const { backend, asked } = echoing({
      "apps.manifest": { name: "shop-run-1", functions: {} },
      "calls.status": { ref: { app: "shop-run-1", name: "charge" } },
    });
    const renamed = renameApp(backend, "shop", "shop-run-1");
    await renamed.functions.invoke(ref, {} as never);
    await renamed.functions.stream(ref, {} as never).next();
    await renamed.calls.spawn(ref, {} as never);
    await renamed.apps.stop("shop");
    expect(await renamed.apps.manifest("shop")).toEqual({ name: "shop", functions: {} });
    expect(await renamed.calls.status("fc-1")).toEqual({ ref });
    const there = { app: "shop-run-1", name: "charge" };
    expect(asked).toEqual([
      ["functions.invoke", there, {}],
      ["functions.stream", there, {}],
      ["calls.spawn", there, {}],
      ["apps.stop", "shop-run-1"],
      ["apps.manifest", "shop-run-1"],
      ["calls.status", "fc-1"],
    ]);
  });

  it("leaves every other App, and objects, as they are", async () => {
    const { backend, asked } = echoing();
    const renamed = renameApp(backend, "shop", "shop-run-1");
    await renamed.apps.stop("other");
    await renamed.calls.get("fc-1", { timeoutMs: 1 });
    expect(asked).toEqual([
      ["apps.stop", "other"],
      ["calls.get", "fc-1", { timeoutMs: 1 }],
    ]);
    expect(renamed.objects).toBe(backend.objects);
  });
});

describe("routed ports", () => {
  it("choose by the App that the arguments name, and wait for a port that is loaded", async () => {
    const [own, others] = [echoing({ "calls.get": "own" }), echoing({ "calls.get": "others" })];
    const routed = routePorts<AppPorts>(APP_PORTS, (port, operation) => {
      const appOf = appReader(operation);
      return (args) => (appOf(args) === "shop" ? own.backend[port] : Promise.resolve(others.backend[port]));
    });
    await routed.functions.invoke(ref, {} as never);
    await routed.calls.spawn({ app: "other", name: "x" }, {} as never);
    expect(await routed.calls.get("fc-1")).toBe("others");
    const lines: unknown[] = [];
    for await (const line of routed.apps.logs("shop")) lines.push(line);
    expect([lines, own.asked.map(([name]) => name), others.asked.map(([name]) => name)]).toEqual([
      ["apps.logs"],
      ["functions.invoke", "apps.logs"],
      ["calls.spawn", "calls.get"],
    ]);
  });
});
