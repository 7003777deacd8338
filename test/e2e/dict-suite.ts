import { type Client, Dict, type RemoteFunction } from "tenon";
import { afterAll, beforeAll, type describe, expect, test } from "vitest";
import type * as DictApp from "../fixtures/dict-app.ts";

/** The App of `test/fixtures/dict-app.ts`, running somewhere. */
export interface RunningDictApp {
  fn<Name extends FunctionName>(name: Name): RemoteFunction<BodyOf<Name>>;
  /** Whose backend this process uses. @default - the App's own run */
  readonly client?: Client;
  /** A client of another process's making. */
  another(): Client;
  close(): Promise<void>;
}

type FunctionName = Exclude<keyof typeof DictApp, "app">;
type BodyOf<Name extends FunctionName> = (typeof DictApp)[Name]["local"];

/** What the suite runs on. */
export interface DictSuiteParams {
  readonly where: string;
  readonly describe: typeof describe | typeof describe.skip;
  open(): Promise<RunningDictApp>;
}

/** Dicts as the containers of an App use them. */
export function testDictsInContainers({ where, describe: group, open }: DictSuiteParams): void {
  group(`Dicts in the containers of ${where}`, { timeout: 60_000 }, () => {
    let running: RunningDictApp;
    beforeAll(async () => {
      running = await open();
    }, 120_000);
    afterAll(() => running?.close());
    const refusal = (message: string, hint: string) => expect.objectContaining({ name: "PermissionDeniedError", message, hint }) as Error;
    const named = <V>(name: string): Dict<string, V> => Dict.fromName(name, { createIfMissing: true, client: running.client });

    test("share a Dict with each other, with this process and with others", async () => {
      const swap = running.fn("swap");
      expect(await swap.remote("key", { at: new Date(7) })).toBe("nothing");
      expect(await swap.remote("key", "second")).toEqual({ at: new Date(7) });
      expect(await named("dict-app-shared").get("key")).toBe("second");
      await using client = running.another();
      expect(await Dict.fromName("dict-app-shared", { client }).get("key")).toBe("second");
    });

    test("do everything with a Dict that comes along", async () => {
      const exercise = running.fn("exercise");
      const done = { skipped: false, keys: 2, values: 2, popped: 1, has: true, len: 1 };
      await using dict = await Dict.ephemeral<unknown, unknown>({ client: running.client });
      expect(await exercise.remote(dict)).toEqual({ ...done, name: null });
      expect(await dict.get("b")).toEqual(new Date(5));
      expect(await exercise.remote(named("dict-app-user-1") as Dict<unknown, unknown>)).toEqual({ ...done, name: "dict-app-user-1" });
    });

    test("keep a value that is larger than any row", async () => {
      const large = Buffer.alloc(3_000_000, "tenon");
      await running.fn("swap").remote("large", large);
      expect(large.equals((await named<Buffer>("dict-app-shared").get("large"))!)).toBe(true);
      await running.fn("swap").remote("large", "small");
      expect(await named("dict-app-shared").get("large")).toBe("small");
    });

    test("make Dicts of their own", async () => {
      expect(await running.fn("ephemeral").remote()).toBe(1);
      const listed = await Dict.objects.list({ client: running.client });
      expect(listed.filter(({ name }) => name === null)).toEqual([]);
    });

    test("use what the App declares and no other, and say what to add", async () => {
      const visit = running.fn("visit");
      expect(await visit.remote("dict-app-user-2")).toBe(1);
      expect(await visit.remote("dict-app-user-2")).toBe(2);
      await expect(visit.remote("somebody-else")).rejects.toThrow(
        refusal(
          'Function "visit" of App "dict-app" may not use Dict "somebody-else": that is not among what its App declares that it uses.',
          'Write app.uses(Dict.named("somebody-else")), or make the handle at module level.',
        ),
      );
      await expect(running.fn("exercise").remote(named("somebody-else") as Dict<unknown, unknown>)).rejects.toThrow("may not use Dict");
      await expect(running.fn("list").remote()).rejects.toThrow(
        refusal(
          'Function "list" of App "dict-app" may not list Dicts: no Function may.',
          "Run `tenon dict list`, or list them in a script, and pass on the names.",
        ),
      );
    });

    test("keep within the Function's own uses", async () => {
      const narrow = running.fn("narrow");
      expect(await narrow.remote("dict-app-narrow")).toBe(0);
      await expect(narrow.remote("dict-app-shared")).rejects.toThrow(
        refusal(
          'Function "narrow" of App "dict-app" may not use Dict "dict-app-shared": that is not among its `uses`.',
          'Add it to the Function: app.function("narrow", { uses: [Dict.named("dict-app-shared")] }, …).',
        ),
      );
    });
  });
}
