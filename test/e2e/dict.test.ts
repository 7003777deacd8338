import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AppRun } from "tenon";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import "tenon";

const { Client, Dict } = await import("tenon");
const { app, ephemeral, exercise, list, narrow, swap, visit } = await import("../fixtures/dict-app.ts");
const refusal = (message: string, hint: string) => expect.objectContaining({ name: "PermissionDeniedError", message, hint }) as Error;

describe("Dicts in the containers of this machine", () => {
  let stateDir: string;
  let run: AppRun;
  beforeAll(async () => {
    stateDir = mkdtempSync(join(tmpdir(), "tenon-dict-"));
    run = await app.run({ stateDir });
  });
  afterAll(async () => {
    await run.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  test("share a Dict with each other, with the script that runs them and with other processes", async () => {
    expect(await swap.remote("key", { at: new Date(7) })).toBe("nothing");
    expect(await swap.remote("key", "second")).toEqual({ at: new Date(7) });
    expect(await Dict.fromName("dict-app-shared").get("key")).toBe("second");
    await using client = new Client({ backend: "local", stateDir });
    expect(await Dict.fromName("dict-app-shared", { client }).get("key")).toBe("second");
  });

  test("do everything with a Dict that comes along", async () => {
    const done = { skipped: false, keys: 2, values: 2, popped: 1, has: true, len: 1 };
    await using dict = await Dict.ephemeral<unknown, unknown>();
    expect(await exercise.remote(dict)).toEqual({ ...done, name: null });
    expect(await dict.get("b")).toEqual(new Date(5));
    expect(await exercise.remote(Dict.fromName("dict-app-user-1", { createIfMissing: true }))).toEqual({
      ...done,
      name: "dict-app-user-1",
    });
  });

  test("make Dicts of their own", async () => {
    expect(await ephemeral.remote()).toBe(1);
    expect(await Dict.objects.list().then((dicts) => dicts.filter(({ name }) => name === null))).toEqual([]);
  });

  test("use what the App declares and no other, and say what to add", async () => {
    expect(await visit.remote("dict-app-user-2")).toBe(1);
    expect(await visit.remote("dict-app-user-2")).toBe(2);
    await expect(visit.remote("somebody-else")).rejects.toThrow(
      refusal(
        'Function "visit" of App "dict-app" may not use Dict "somebody-else": that is not among what its App declares that it uses.',
        'Write app.uses(Dict.named("somebody-else")), or make the handle at module level.',
      ),
    );
    await expect(exercise.remote(Dict.fromName("somebody-else", { createIfMissing: true }))).rejects.toThrow("may not use Dict");
    await expect(list.remote()).rejects.toThrow(
      refusal(
        'Function "list" of App "dict-app" may not list Dicts: no Function may.',
        "Run `tenon dict list`, or list them in a script, and pass on the names.",
      ),
    );
  });

  test("keep within the Function's own uses", async () => {
    expect(await narrow.remote("dict-app-narrow")).toBe(0);
    await expect(narrow.remote("dict-app-shared")).rejects.toThrow(
      refusal(
        'Function "narrow" of App "dict-app" may not use Dict "dict-app-shared": that is not among its `uses`.',
        'Add it to the Function: app.function("narrow", { uses: [Dict.named("dict-app-shared")] }, …).',
      ),
    );
  });
});
