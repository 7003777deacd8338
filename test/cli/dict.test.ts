import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Client, Dict } from "../../src/index.ts";
import { type Ended, tenonBin } from "./bin.ts";

const state = mkdtempSync(join(tmpdir(), "tenon-dict-cli-"));
const client = new Client({ backend: "local", stateDir: state, environment: "staging" });
afterAll(async () => {
  await client.close();
  rmSync(state, { recursive: true, force: true });
});
const dict = (...line: string[]): Promise<Ended> =>
  tenonBin(["dict", ...line], { env: { TENON_BACKEND: "local", TENON_STATE_DIR: state, TENON_ENVIRONMENT: "staging" } });
const json = ({ stdout }: Ended): unknown[] =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

describe("tenon dict", () => {
  test("lists none, and says how one is made", async () => {
    expect(await dict("list")).toEqual({
      code: 0,
      stdout: "",
      stderr: 'There is no Dict in environment "staging" on this machine. To create one: tenon dict create --local NAME\n',
    });
    expect(await dict("list", "--json")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("creates a Dict once", async () => {
    expect(await dict("create", "seen")).toEqual({ code: 0, stdout: "created the Dict seen (environment staging)\n", stderr: "" });
    expect(await dict("create", "seen")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: .*"seen".*\n {2}in environment "staging" on this machine\n/),
    });
    expect(await dict("create", "--allow-existing", "seen")).toMatchObject({
      code: 0,
      stdout: "the Dict seen exists already (environment staging)\n",
    });
    expect(await dict("create", "no spaces")).toMatchObject({ code: 2, stderr: expect.stringContaining('Invalid Dict name: "no spaces"') });
  });

  test("lists what there is, as a table and as JSON", async () => {
    expect((await dict("list")).stdout).toMatch(/^NAME +CREATED \(UTC\) +BY\nseen +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\S+\n$/);
    expect(json(await dict("list", "--json"))).toEqual([
      { name: "seen", id: expect.stringMatching(/^di-/), createdAt: expect.stringMatching(/^\d{4}-.*Z$/), createdBy: expect.any(String) },
    ]);
    await dict("create", "other");
    expect(json(await dict("list", "--json", "-n", "1"))).toMatchObject([{ name: "other" }]);
  });

  test("puts and gets keys and values as JSON where they are JSON, else as text", async () => {
    expect(await dict("put", "seen", "whale", "3")).toEqual({ code: 0, stdout: 'put "whale" into the Dict seen\n', stderr: "" });
    await dict("put", "seen", '{"b":1,"a":2}', '{"pages":[1,2]}');
    await dict("put", "seen", "--raw", "7", "8");
    expect((await dict("get", "seen", "whale")).stdout).toBe("3\n");
    expect((await dict("get", "seen", '{"a":2,"b":1}')).stdout).toBe("{ pages: [ 1, 2 ] }\n");
    expect((await dict("get", "seen", '{"a":2,"b":1}', "--json")).stdout).toBe('{"pages":[1,2]}\n');
    const seen = Dict.fromName("seen", { client });
    expect([await seen.get("whale"), await seen.get("7"), await seen.get(7)]).toEqual([3, "8", undefined]);
  });

  test("says that a key is not there, with exit code 1", async () => {
    expect(await dict("get", "seen", "7")).toEqual({
      code: 1,
      stdout: "",
      stderr:
        'error: The Dict "seen" has no such key: 7.\n  in environment "staging" on this machine\nhint: Run tenon dict items --local seen to see its keys, or add --raw for the text.\n',
    });
    expect(await dict("get", "seen", "--raw", "7")).toMatchObject({ code: 0, stdout: "8\n" });
    expect(await dict("get", "none", "7")).toMatchObject({ code: 1, stderr: expect.stringContaining('"none"') });
  });

  test("leaves a pair that is there with --skip-if-exists, and says so by its exit code", async () => {
    expect(await dict("put", "--skip-if-exists", "seen", "whale", "4")).toEqual({
      code: 1,
      stdout: "",
      stderr: 'Not written: "whale" is there already.\n',
    });
    expect(json(await dict("put", "--json", "--skip-if-exists", "seen", "whale", "4"))).toEqual([{ written: false }]);
    expect(json(await dict("put", "--json", "--skip-if-exists", "seen", "--", "-1", "new"))).toEqual([{ written: true }]);
    expect((await dict("get", "seen", "whale")).stdout).toBe("3\n");
  });

  test("lists pairs, as a table and as JSON", async () => {
    const lines = (await dict("items", "seen")).stdout.split("\n");
    expect(lines[0]).toMatch(/^KEY +VALUE$/);
    expect(
      lines
        .slice(1, -1)
        .map((line) => line.replace(/ {2,}/, "  "))
        .toSorted(),
    ).toEqual(["'7'  '8'", "'whale'  3", "-1  'new'", "{ a: 2, b: 1 }  { pages: [ 1, 2 ] }"]);
    expect(json(await dict("items", "--json", "seen"))).toContainEqual({ key: { a: 2, b: 1 }, value: { pages: [1, 2] } });
    const few = await dict("items", "seen", "-n", "2");
    expect(few.stdout.split("\n")).toHaveLength(4);
    expect(few.stderr).toBe("note: There are more than 2 pairs. Add --all to list all of them.\n");
  });

  test("knows how much is in one", async () => {
    expect((await dict("info", "seen")).stdout).toMatch(/^name {5}seen\nid {7}di-\w+\ncreated {2}\d{4}-.* UTC\nby {7}\S+\npairs {4}4\n$/);
    expect(json(await dict("info", "--json", "seen"))).toMatchObject([{ name: "seen", pairs: 4 }]);
  });

  test("asks before it clears or deletes", async () => {
    const where = 'the Dict "seen" of environment "staging" on this machine';
    expect(await dict("clear", "seen")).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: Not confirmed, and no question can be asked here: clear ${where}. All of its pairs are lost for good.\nhint: Add --yes to clear it without a question.\n`,
    });
    expect(await dict("delete", "seen")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`delete ${where}. Everything in it is lost`),
    });
    expect(await dict("clear", "--yes", "seen")).toMatchObject({ code: 0, stdout: "cleared the Dict seen (environment staging)\n" });
    expect(await dict("items", "seen")).toEqual({ code: 0, stdout: "", stderr: "The Dict seen is empty.\n" });
    expect(await dict("delete", "--yes", "seen")).toMatchObject({ code: 0, stdout: "deleted the Dict seen (environment staging)\n" });
    expect(await dict("delete", "seen")).toMatchObject({ code: 1 });
    expect(await dict("delete", "--yes", "seen")).toMatchObject({ code: 1 });
    expect(json(await dict("delete", "--yes", "--allow-missing", "--json", "seen"))).toEqual([{ name: "seen", state: "missing" }]);
    expect(await dict("delete", "--allow-missing", "seen")).toEqual({
      code: 0,
      stdout: "there was no Dict seen (environment staging)\n",
      stderr: "",
    });
    expect(json(await dict("list", "--json"))).toMatchObject([{ name: "other" }]);
  });

  test("lists pairs with handles and without a value, each with its key and its value", async () => {
    const holder = Dict.fromName("holder", { client, createIfMissing: true });
    const inner = Dict.fromName("other", { client, createIfMissing: true });
    await holder.put("handle", { inner: [inner] });
    await holder.put("nothing", undefined);
    await holder.put("number", 1);
    expect(json(await dict("items", "--json", "holder")).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual([
      { key: "handle", value: { inner: ["Dict(other)"] } },
      { key: "nothing", value: null },
      { key: "number", value: 1 },
    ]);
    expect(await dict("get", "--json", "holder", "handle")).toEqual({ code: 0, stdout: '{"inner":["Dict(other)"]}\n', stderr: "" });
  });

  test("refuses to list both all pairs and at most so many", async () => {
    expect(await dict("items", "-n", "1", "--all", "other")).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: Both --all and --max-items are given. The command lists all pairs, or at most so many.\nhint: Leave one of them out.\n",
    });
  });

  const make = (words: string, flags = ""): string =>
    `hint: Run tenon dict create --local${flags} ${words} to make it, or tenon dict list --local${flags} to see what there is.\n`;
  test.each([
    [["get", "gone", "key"], make("gone")],
    [["put", "gone", "key", "1"], make("gone")],
    [["info", "gone"], make("gone")],
    [["items", "gone"], make("gone")],
    [["clear", "--yes", "gone"], make("gone")],
    [["info", "-e", "prod", "gone"], make("gone", " -e prod")],
    [["create", "other"], "hint: Run tenon dict create --local --allow-existing other to use the one that is there.\n"],
    [
      ["delete", "--yes", "-e", "prod", "gone"],
      "hint: Run tenon dict list --local -e prod to see what there is, or tenon dict delete --local -e prod --allow-missing gone where it may be missing.\n",
    ],
  ])("%j ends with a command that can be typed", async (line, hint) => {
    const { code, stderr } = await dict(...line);
    expect(code).toBe(1);
    expect(stderr.split("\n").slice(-2).join("\n")).toBe(hint);
  });
});
