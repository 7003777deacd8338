import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, FunctionCall, RemoteFunction } from "tenon";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectLocal } from "../../src/local/host/connect.ts";
import { deployLocal } from "../../src/local/deploy/deploy.ts";
import { hostKey, type HostRow } from "../../src/local/host/host-row.ts";
import { isAlive, killGroup, pidOf } from "../../src/util/processes.ts";
import { openState } from "../../src/adapters/lmdb/state.ts";
import type { Backend } from "../../src/ports/backend.ts";
import type { LogRecord } from "../../src/wire/log-record.ts";
import { startProgram } from "./program.ts";
import { until } from "./until.ts";

let project: string;
let stateDir: string;
let client: Client;
let backend: Backend;

const source = readFileSync(join(import.meta.dirname, "apps/shop.ts"), "utf8");

beforeEach(() => openProject(mkdtempSync(join(tmpdir(), "tenon-deployed-"))));

afterEach(async () => {
  await client.close();
  if ((await backend.apps.list()).length > 0) await backend.apps.stop("shop");
  await backend.close();
  delete process.env["TENON_HOST_IDLE_MS"];
  rmSync(project, { recursive: true, force: true });
});

async function openProject(folder: string): Promise<void> {
  project = folder;
  stateDir = join(project, ".tenon");
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "package.json"), '{ "name": "a-project", "type": "module" }');
  client = new Client({ backend: "local", stateDir });
  backend = await connectLocal({ stateDir });
}

const deploy = (text: string = source) => {
  writeFileSync(join(project, "shop.ts"), text);
  return deployLocal({ entryFile: join(project, "shop.ts") });
};

const fn = <R>(name: string) => RemoteFunction.fromName<(...args: unknown[]) => Promise<R>>("shop", name, { client });

const host = async (): Promise<HostRow | undefined> => {
  const state = await openState(stateDir);
  try {
    return state.rows.get<HostRow>(hostKey("dev", "shop"));
  } finally {
    await state.close();
  }
};

const notes = (file: string): readonly string[] => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);

describe("a deployed App", () => {
  test("is called from other processes, by one host that starts with the first call and leaves when idle", async () => {
    process.env["TENON_HOST_IDLE_MS"] = "200";
    expect(await deploy()).toMatchObject({ app: "shop", environment: "dev", changed: true });
    expect(await host()).toBeUndefined();

    const caller = await startProgram("caller.ts", [stateDir, "call", "add", "[2,3]"]);
    expect(await caller.message("result")).toEqual({ kind: "result", result: 5 });
    expect(await caller.ended()).toBe(0);

    const first = (await host())!;
    await until(() => !isAlive(first.owner));
    expect(await host()).toBeUndefined();
    expect(readdirSync(join(stateDir, "run"))).toEqual([]);

    expect(await fn("add").remote(20, 3)).toBe(23);
    expect((await host())!.owner).not.toBe(first.owner);
  });

  test("has one host, however many start it at once", async () => {
    await deploy();
    const callers = await Promise.all([1, 2, 3, 4].map(() => startProgram("caller.ts", [stateDir, "call-when-told", "hostPid", "[]"])));
    await Promise.all(callers.map((caller) => caller.message("ready")));
    for (const caller of callers) caller.send("go");
    const pids = await Promise.all(callers.map(async (caller) => (await caller.message<{ result: number }>("result")).result));
    expect(new Set(pids)).toEqual(new Set([pidOf((await host())!.owner)]));
  });

  test("runs generators, nested calls, calls by name and failures like one that runs here", async () => {
    await deploy();
    const items = RemoteFunction.fromName<(end: number) => AsyncGenerator<number>>("shop", "countTo", { client }).remoteGen(200);
    expect(await collect(items)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(await fn("double").remote(21)).toBe(42);
    expect(await fn("addByName").remote(1, 2)).toBe(3);
    await expect(fn("refuse").remote("tea")).rejects.toMatchObject({ name: "RangeError", message: "no tea today" });
    const callId = await fn<string>("spawnAdd").remote(4, 5);
    expect(await FunctionCall.fromId(callId, { client }).get()).toBe(9);
  });

  test("is told apart from what is not there, in words", async () => {
    await expect(fn("add").remote(1, 2)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: 'App "shop" is not deployed on this machine in environment "dev".',
    });
    await deploy();
    await expect(fn("ad").remote(1, 2)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringContaining("add, note, hostPid"),
    });
    await expect(fn("ad").spawn(1, 2)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("has a state folder of any length, and a socket that only this user reaches", async () => {
    const short = project;
    await backend.close();
    await openProject(join(short, "a".repeat(100)));
    await deploy();
    expect(await fn("add").remote(1, 1)).toBe(2);
    const { socket } = (await host())!;
    expect(Buffer.byteLength(socket!)).toBeLessThanOrEqual(103);
    expect(statSync(join(socket!, "..")).mode & 0o077).toBe(0);
    await backend.apps.stop("shop");
    expect(existsSync(socket!)).toBe(false);
    project = short;
  });

  test("is listed, and keeps its log", async () => {
    const { version } = await deploy();
    const [info] = await backend.apps.list();
    expect(info).toMatchObject({ name: "shop", state: "deployed", version, environment: "dev" });
    expect(info!.functions).toContain("add");
    await fn("add").remote(1, 2);
    await fn("add").remote(3, 4);
    const lines = async (query?: Parameters<Backend["apps"]["logs"]>[1]): Promise<LogRecord[]> => collect(backend.apps.logs("shop", query));
    expect((await lines()).map((line) => line.text)).toEqual(["adding 1 and 2", "adding 3 and 4"]);
    const [last] = await lines({ tail: 1 });
    expect(last).toMatchObject({ text: "adding 3 and 4", fn: "add", app: "shop", version, stream: "stdout" });
    expect(await lines({ call: last!.call })).toEqual([last]);
    expect(await lines({ fn: "note" })).toEqual([]);

    const following = new AbortController();
    const seen: string[] = [];
    const follow = (async () => {
      for await (const line of backend.apps.logs("shop", { tail: 0, follow: true, signal: following.signal })) {
        seen.push(line.text);
        following.abort();
      }
    })();
    await fn("add").remote(5, 6);
    await until(async () => {
      if (seen.length === 0) await fn("add").remote(5, 6);
      return seen.length > 0;
    });
    await follow;
    expect(seen[0]).toBe("adding 5 and 6");
  });
});

describe("a name that is a path", () => {
  test("is none where bundles are kept: another App's are never touched", async () => {
    await deploy();
    const before = readdirSync(stateDir).toSorted();
    writeFileSync(join(project, "shop.ts"), source);
    await deployLocal({ entryFile: join(project, "shop.ts"), environment: ".." });
    expect(readdirSync(stateDir).toSorted()).toEqual(before);
    expect(readdirSync(join(stateDir, "deployed"))).toHaveLength(2);
    expect(await fn("add").remote(1, 2)).toBe(3);
  });
});

describe("what travels beside the code", () => {
  test("belongs to the version: a changed file is a change", async () => {
    const withFile = source
      .replace('new App("shop")', 'new App("shop", { files: ["greeting.txt"] })')
      .concat('export const greet = app.function("greet", async () => readFileSync(new URL("greeting.txt", import.meta.url), "utf8"));\n')
      .replace("appendFileSync }", "appendFileSync, readFileSync }");
    writeFileSync(join(project, "greeting.txt"), "good morning");
    const first = await deploy(withFile);
    expect(await fn("greet").remote()).toBe("good morning");
    expect(await deploy(withFile)).toMatchObject({ changed: false, version: first.version });
    writeFileSync(join(project, "greeting.txt"), "good evening");
    expect(await deploy(withFile)).toMatchObject({ changed: true });
    expect(await fn("greet").remote()).toBe("good evening");
  });
});

describe("a second deploy", () => {
  test("without a change says so, and disturbs nobody", async () => {
    await deploy();
    const pid = await fn("hostPid").remote();
    expect(await deploy()).toMatchObject({ changed: false });
    expect(await fn("hostPid").remote()).toBe(pid);
  });

  test("lets what runs end on the old code, and runs everything else on the new", async () => {
    const file = join(project, "notes");
    await deploy();
    const old = fn("note").remote(file, "plain", 1_500);
    const spawned = await fn("note").spawn(file, "spawned", 1_500);
    await until(() => notes(file).length === 2);
    const before = (await host())!.owner;

    expect(await deploy(source.replace('"first"', '"second"'))).toMatchObject({ changed: true });

    expect(await fn("note").remote(file, "later")).toBe("later in the second edition");
    expect(await old).toBe("plain in the first edition");
    expect(await spawned.get()).toBe("spawned in the first edition");
    await until(() => !isAlive(before));
    expect(notes(file).toSorted()).toEqual(["later", "plain", "spawned"]);
  });

  test("of a module that fails to load leaves the first one as it was", async () => {
    await deploy();
    await expect(deploy(`${source}\nthrow new RangeError("not today");`)).rejects.toMatchObject({
      name: "RangeError",
      message: "not today",
    });
    await expect(deploy(`${source}\nprocess.exit(3);`)).rejects.toMatchObject({
      code: "BUNDLE",
      message: expect.stringContaining("exit code 3"),
    });
    await expect(deploy(`${source}\nnew App("second");\nnew App("third");`.replace("export const app", "const app"))).rejects.toMatchObject(
      { code: "INVALID" },
    );
    expect(await fn("note").remote(join(project, "notes"), "still")).toBe("still in the first edition");
  });
});

describe("a spawned call", () => {
  test("outlives its caller", async () => {
    const file = join(project, "notes");
    await deploy();
    const caller = await startProgram("caller.ts", [stateDir, "spawn", "note", JSON.stringify([file, "alone", 300])]);
    const { callId } = await caller.message<{ callId: string }>("spawned");
    await caller.ended();
    expect(await FunctionCall.fromId(callId, { client }).get()).toBe("alone in the first edition");
    expect(notes(file)).toEqual(["alone"]);
  });

  test("is one of fifty that survive a kill -9 of their host, each with one outcome", async () => {
    const file = join(project, "notes");
    await deploy();
    const calls = await Promise.all(Array.from({ length: 50 }, (_, n) => fn<string>("note").spawn(file, `call ${n}`, 40)));
    await until(() => notes(file).length >= 10);
    const killed = (await host())!.owner;
    const containers = workersOf(killed);
    expect(containers.length).toBeGreaterThan(0);
    killGroup(killed);

    const results = await Promise.all(calls.map((call) => call.get()));

    expect(results).toEqual(Array.from({ length: 50 }, (_, n) => `call ${n} in the first edition`));
    expect(await Promise.all(calls.map((call) => call.get()))).toEqual(results);
    expect((await host())!.owner).not.toBe(killed);
    await until(() => containers.every((key) => !isAlive(key)));
    expect(new Set(notes(file)).size).toBe(50);
  });

  test("starts the host again when its result is asked for after a kill -9", async () => {
    const file = join(project, "notes");
    await deploy();
    const call = await fn("note").spawn(file, "waiting", 500);
    await until(() => notes(file).length === 1);
    killGroup((await host())!.owner);
    expect(await FunctionCall.fromId(call.functionCallId, { client }).get()).toBe("waiting in the first edition");
    expect(notes(file)).toEqual(["waiting", "waiting"]);
  });

  test("ends when it is cancelled while it runs", async () => {
    const file = join(project, "notes");
    await deploy();
    const call = await fn("note").spawn(file, "long", 60_000);
    await until(() => notes(file).length === 1);
    await call.cancel();
    await expect(call.get()).rejects.toMatchObject({ code: "INPUT_CANCELLED" });
  });
});

describe("a plain call", () => {
  test("whose host is killed is lost and runs again", async () => {
    const file = join(project, "notes");
    await deploy();
    const result = fn("note").remote(file, "plain", 500);
    await until(() => notes(file).length === 1);
    killGroup((await host())!.owner);
    expect(await result).toBe("plain in the first edition");
    expect(notes(file)).toEqual(["plain", "plain"]);
  });
});

describe("app stop", () => {
  test("ends what runs and what waits, the host and its containers, and takes no further call", async () => {
    const file = join(project, "notes");
    await deploy();
    const plain = fn("note")
      .remote(file, "plain", 60_000)
      .catch((error: unknown) => error);
    const spawned = await Promise.all([1, 2, 3].map((n) => fn("note").spawn(file, `spawned ${n}`, 60_000)));
    await until(() => notes(file).length >= 2);
    const { owner } = (await host())!;
    const containers = workersOf(owner);

    await backend.apps.stop("shop");

    expect(isAlive(owner)).toBe(false);
    expect(await plain).toMatchObject({ code: "INPUT_CANCELLED" });
    for (const call of spawned) await expect(call.get()).rejects.toMatchObject({ code: "INPUT_CANCELLED" });
    await until(() => containers.every((key) => !isAlive(key)));
    await expect(fn("add").remote(1, 2)).rejects.toMatchObject({ code: "NOT_FOUND", message: expect.stringContaining("is stopped") });
    expect((await backend.apps.list())[0]).toMatchObject({ state: "stopped" });
    expect(await deploy()).toMatchObject({ changed: true });
    expect(await fn("add").remote(1, 2)).toBe(3);
  });

  test("of an App that was never deployed is refused", async () => {
    await expect(backend.apps.stop("nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

/** The living containers of a host, as its record lists them. */
function workersOf(owner: string): readonly string[] {
  const names = readdirSync(join(stateDir, "run")).filter((name) => name.startsWith(owner));
  return names
    .flatMap((name) =>
      readFileSync(join(stateDir, "run", name), "utf8")
        .trim()
        .split("\n"),
    )
    .flatMap((line) => (line.includes("started") ? [(JSON.parse(line) as { started: string }).started] : []))
    .filter((key) => isAlive(key));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
