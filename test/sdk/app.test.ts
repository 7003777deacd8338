import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { App, Client, DeployedApp, FunctionCall, isLocal, RemoteFunction, Retries } from "../../src/sdk/index.ts";
import { ClientClosedError, ConflictError, ExecutionError, InvalidError, NotFoundError, VersionError } from "../../src/model/errors.ts";
import type { RunParams, Backends } from "../../src/ports/backends.ts";
import { registry } from "../../src/context/registry.ts";
import { VERSION } from "../../src/util/version.ts";
import { createMemoryBackend } from "../helpers/memory-backend.ts";
import packageJson from "../../package.json" with { type: "json" };
import { errorOf, runInMemory } from "./backend.ts";

const known = registry();
const saved = { ...known };
afterEach(() => {
  Object.assign(known, {
    loading: saved.loading,
    role: saved.role,
    backend: saved.backend,
    backends: saved.backends,
    onParked: undefined,
    containerApp: undefined,
  });
  known.runs.clear();
  known.sinks.clear();
  delete process.env["TENON_BACKEND"];
  delete process.env["TENON_ENVIRONMENT"];
});

/** Backends that run Apps of this file in memory, and note how they were asked. */
function memoryBackends(...apps: App[]): { readonly backends: Backends; readonly asked: unknown[]; closed: number } {
  const note = { asked: [] as unknown[], closed: 0 };
  const backend = () => createMemoryBackend(apps.map((app) => ({ manifest: app.toManifest(), functions: app.functions })));
  const backends: Backends = {
    connectLocal: async (params) => (note.asked.push(params), backend()),
    connectAws: async () => Promise.reject(new InvalidError("no AWS here")),
    runLocal: async (params: RunParams) => {
      note.asked.push(params);
      return { backend: backend(), close: async () => void note.closed++ };
    },
  };
  return Object.assign(note, { backends });
}

describe("an App", () => {
  it("declares Functions with their options filled in", () => {
    const app = new App("declares", { tags: { team: "search" } });
    app.function("plain", async () => 1);
    app.function("items", { timeoutMs: 5_000 }, async function* () {
      yield 1;
    });
    const { functions, tags } = app.toManifest();
    expect(tags).toEqual({ team: "search" });
    expect(functions["plain"]).toMatchObject({ kind: "function", timeoutMs: 300_000, memoryMiB: 1_024 });
    expect(functions["items"]).toMatchObject({ kind: "generator", timeoutMs: 5_000 });
    expect(JSON.parse(JSON.stringify(app.toManifest()))).toEqual(app.toManifest());
  });

  it("takes retries as a number or as Retries", () => {
    const app = new App("retries");
    app.function("number", { retries: 3 }, async () => 1);
    app.function("policy", { retries: new Retries({ maxRetries: 2, initialDelayMs: 500 }) }, async () => 1);
    expect(app.toManifest().functions["number"]?.retries).toMatchObject({ maxRetries: 3, backoffCoefficient: 1 });
    expect(app.toManifest().functions["policy"]?.retries).toEqual({
      maxRetries: 2,
      backoffCoefficient: 2,
      initialDelayMs: 500,
      maxDelayMs: 60_000,
    });
    expect(() => new Retries({ maxRetries: -1 })).toThrow("maxRetries");
  });

  it("knows the file that declares it", () => {
    expect(new App("here").entryFile).toBe(fileURLToPath(import.meta.url));
    expect(new App("said", { entry: "file:///srv/app.ts" }).entryFile).toBe("/srv/app.ts");
  });

  it("refuses a second Function of one name, and takes the same one twice", () => {
    const app = new App("twice");
    const one = async (): Promise<number> => 1;
    const first = app.function("count", one);
    expect(app.function("count", one)).toBe(first);
    expect(() => app.function("count", async () => 2)).toThrow('App "twice" has a Function "count" already.');
  });

  it("refuses what is no function, and wrong options by name", () => {
    const app = new App("wrong");
    expect(() => app.function("f", {} as never)).toThrow("It must be a function");
    expect(() => app.function("f", { keepWarm: 1 } as never, async () => 1)).toThrow("`keepWarm` is now `minContainers`");
    expect(() => app.function("a.b", async () => 1)).toThrow("cannot contain a period");
    expect(() => new App("a b")).toThrow("Invalid App name");
    expect(() => new App("a", { tag: {} } as never)).toThrow("tag");
  });
});

describe("include", () => {
  it("takes in Functions and entrypoints, the same App as often as one likes", () => {
    const part = new App("part");
    const work = part.function("work", async () => 1);
    part.localEntrypoint({ name: "go" }, () => undefined);
    const whole = new App("whole").include(part).include(part);
    expect(whole.functions.get("work")).toBe(work);
    expect(Object.keys(whole.toManifest().entrypoints)).toEqual(["go"]);
  });

  it("refuses a different Function or entrypoint of one name", () => {
    const part = new App("part");
    part.function("work", async () => 1);
    const other = new App("other");
    other.function("work", async () => 2);
    expect(() => new App("whole").include(part).include(other)).toThrow('includes App "other", and both have a Function "work"');
    const left = new App("left");
    left.localEntrypoint({}, () => 1);
    const right = new App("right");
    right.localEntrypoint({}, () => 2);
    expect(() => left.include(right)).toThrow('App "left" has a local entrypoint "main" already.');
  });

  it("has the included Functions called where the including App runs", async () => {
    const part = new App("part");
    const work = part.function("work", async (n: number) => n + 1);
    const whole = new App("whole").include(part);
    const { backend, stop } = runInMemory(whole);
    expect(await work.remote(1)).toBe(2);
    expect(backend.envelopes).toHaveLength(1);
    stop();
    expect(await errorOf(work.remote(1))).toBeInstanceOf(InvalidError);
  });
});

describe("run", () => {
  it("runs the App until it is disposed", async () => {
    const app = new App("runs");
    const one = app.function("one", async () => 1);
    const backend = memoryBackends(app);
    known.backends = backend.backends;
    {
      await using run = await app.run({ environment: "test" });
      expect(run.app).toBe("runs");
      expect(await one.remote()).toBe(1);
    }
    expect(backend.closed).toBe(1);
    expect(backend.asked).toMatchObject([{ manifest: { name: "runs" }, entryFile: fileURLToPath(import.meta.url), environment: "test" }]);
    expect(await errorOf(one.remote())).toBeInstanceOf(InvalidError);
  });

  it("closes once, and can start again then", async () => {
    const app = new App("again");
    const backend = memoryBackends(app);
    known.backends = backend.backends;
    const run = await app.run();
    await Promise.all([run.close(), run.close()]);
    expect(backend.closed).toBe(1);
    await (await app.run()).close();
  });

  it.each(["", undefined, "staging"])("takes the environment that a Client takes (TENON_ENVIRONMENT=%j)", async (variable) => {
    if (variable !== undefined) process.env["TENON_ENVIRONMENT"] = variable;
    const app = new App("environments");
    const note = memoryBackends(app);
    known.backends = note.backends;
    await (await app.run()).close();
    const { environment } = new Client({ backend: "local" });
    expect(note.asked).toMatchObject([{ environment }]);
    expect(environment).toBe(variable || "dev");
  });

  it("refuses unknown options by name", async () => {
    expect((await errorOf(new App("options").run({ env: "dev" } as never))).message).toBe("run: `env` is now `environment`.");
    expect((await errorOf(App.lookup("options", { environmentName: "dev" } as never))).message).toContain("is now `environment`");
    expect(() => FunctionCall.fromId("fc-1", { backend: "local" } as never)).toThrow("fromId: there is no option `backend`");
  });

  it("refuses an environment that is none, before it starts anything", async () => {
    const note = memoryBackends();
    known.backends = note.backends;
    expect((await errorOf(new App("nowhere").run({ environment: "a b" }))).message).toContain('Invalid environment name: "a b"');
    expect(note.asked).toEqual([]);
  });

  it("is refused while it runs already, or starts", async () => {
    const app = new App("busy");
    known.backends = memoryBackends(app).backends;
    const starting = app.run();
    expect(await errorOf(app.run())).toBeInstanceOf(ConflictError);
    const run = await starting;
    expect((await errorOf(app.run())).message).toBe('App "busy" is running already in this process.');
    await run.close();
  });

  it("waits for ever where a container loads the module, and says so to the container", async () => {
    const app = new App("parks");
    let parked = false;
    Object.assign(known, { role: "container", loading: true, onParked: () => (parked = true) });
    const settled = await Promise.race([app.run().then(() => true), new Promise((resolve) => setTimeout(() => resolve(false), 10))]);
    expect([settled, parked, isLocal()]).toEqual([false, true, false]);
    known.loading = false;
    expect(await errorOf(app.run())).toBeInstanceOf(ExecutionError);
  });

  it("is refused while the module loads elsewhere", async () => {
    known.loading = true;
    expect((await errorOf(new App("loads").run())).message).toBe('App "loads" is started while its module loads.');
  });
});

describe("a call finds its backend", () => {
  const app = new App("backends");
  const one = app.function("one", async () => 1);

  it("nowhere while the module loads", async () => {
    known.loading = true;
    const error = await errorOf(one.remote());
    expect(error).toBeInstanceOf(ExecutionError);
    expect(error.message).toBe('Function "one" of App "backends" is called while the module loads.');
  });

  it("or says the three ways to run a declared Function", async () => {
    const error = await errorOf(one.remote());
    expect(error).toBeInstanceOf(InvalidError);
    expect(error.hint).toMatch(/`tenon run`.*await using run = await app\.run\(\).*tenon deploy --local.*TENON_BACKEND=local/);
  });

  it("or says the lines to add for a Function by name", async () => {
    const error = await errorOf(RemoteFunction.fromName("backends", "one").remote());
    expect(error).toBeInstanceOf(InvalidError);
    expect(error.hint).toMatch(/TENON_BACKEND=local.*new Client\({ backend: "local" }\)/);
  });

  it("by an explicit client first", async () => {
    const backend = memoryBackends(app);
    known.backends = backend.backends;
    known.backend = createMemoryBackend([]);
    await using client = new Client({ backend: "local", environment: "staging", stateDir: "/state" });
    expect(await RemoteFunction.fromName<typeof one>("backends", "one", { client }).remote()).toBe(1);
    expect(backend.asked).toEqual([{ environment: "staging", stateDir: "/state", region: undefined, endpoint: undefined }]);
  });

  it("then by the container's", async () => {
    known.backend = createMemoryBackend([{ manifest: app.toManifest(), functions: app.functions }]);
    process.env["TENON_BACKEND"] = "aws";
    expect(await one.remote()).toBe(1);
  });

  it("then by a run in this process, then by TENON_BACKEND", async () => {
    const deployed = memoryBackends(app);
    known.backends = deployed.backends;
    process.env["TENON_BACKEND"] = "local";
    const { backend, stop } = runInMemory(app);
    expect(await one.remote()).toBe(1);
    expect([backend.envelopes.length, deployed.asked.length]).toEqual([1, 0]);
    stop();
    expect(await Promise.all([one.remote(), one.remote()])).toEqual([1, 1]);
    expect([backend.envelopes.length, deployed.asked.length]).toEqual([1, 1]);
  });

  it("and refuses a TENON_BACKEND that is none", async () => {
    process.env["TENON_BACKEND"] = "azure";
    expect((await errorOf(one.remote())).message).toBe('The backend is "azure". It must be "local" or "aws".');
  });
});

describe("Client", () => {
  it("says what to add when nothing names a backend", () => {
    expect(() => new Client()).toThrow("Nothing says which backend to use");
    expect(() => new Client({ backend: "local", envirnment: "x" } as never)).toThrow("envirnment");
  });

  it("refuses calls once it is closed", async () => {
    const client = new Client({ backend: "local" });
    await client.close();
    await client.close();
    expect(await errorOf(RemoteFunction.fromName("a", "b", { client }).remote())).toBeInstanceOf(ClientClosedError);
  });
});

describe("App.lookup", () => {
  it("asks at once and gives the App's Functions", async () => {
    const app = new App("deployed");
    app.function("one", async () => 1);
    known.backends = memoryBackends(app).backends;
    process.env["TENON_BACKEND"] = "local";
    const found = await App.lookup("deployed", { environment: "looked-up" });
    expect(found).toBeInstanceOf(DeployedApp);
    expect(await found.function<() => Promise<number>>("one").remote()).toBe(1);
    expect(await errorOf(App.lookup("absent"))).toBeInstanceOf(NotFoundError);
    expect((await errorOf(App.lookup("a b"))).message).toContain("Invalid App name");
  });
});

describe("the registry", () => {
  it("refuses a second version of Tenon by name", () => {
    const key = Symbol.for("tenon.registry.1");
    const holder = globalThis as unknown as Record<symbol, unknown>;
    holder[key] = { ...known, version: "9.9.9" };
    expect(() => new App("other")).toThrow(VersionError);
    expect(() => new App("other")).toThrow(`9.9.9 and ${VERSION}`);
    holder[key] = known;
  });

  it("holds the version of the package", () => {
    expect(VERSION).toBe(packageJson.version);
  });
});
