import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isGroup, TENON_COMMANDS } from "../../src/cli/commands/catalog.ts";
import { commandText } from "../../src/cli/kit/command-text.ts";
import { chooseBackend, placeText } from "../../src/cli/kit/place.ts";
import { type Ended, tenonBin } from "./bin.ts";
import { captureIo, tenon } from "./run-cli.ts";

const SHOP = "test/fixtures/cli/shop.ts";

describe("the backend that a command touches", () => {
  test.each([
    [{ local: true }, {}, undefined, "local"],
    [{ aws: true }, { TENON_BACKEND: "local" }, undefined, "aws"],
    [{ local: true }, { TENON_BACKEND: "aws" }, "aws", "local"],
    [{}, { TENON_BACKEND: "local" }, "aws", "local"],
    [{}, { TENON_BACKEND: "aws" }, undefined, "aws"],
    [{}, {}, "aws", "aws"],
    [{}, { TENON_BACKEND: "" }, "aws", "aws"],
  ] as const)("is, of %j, %j and usually %s, %s", (flags, env, usual, backend) => {
    expect(chooseBackend(flags, env, usual)).toBe(backend);
  });

  test("is one", () => {
    expect(() => chooseBackend({ local: true, aws: true }, {})).toThrow(
      expect.objectContaining({ code: "USAGE", message: "Both --local and --aws are given. A command touches one backend." }),
    );
  });

  const every = TENON_COMMANDS.flatMap((entry) =>
    isGroup(entry) ? entry.verbs.map((verb) => [entry.noun, verb] as const) : [["", entry] as const],
  );
  test.each(every.map(([noun, { spec }]) => [[noun, spec.name].filter(Boolean).join(" "), Object.values(spec.args)] as const))(
    "is known, or tenon %s does nothing",
    async (name, args) => {
      const words = args.map(({ many }) => (many === true ? [] : [SHOP])).flat();
      const ended = await tenon([...name.split(" "), ...words], { env: { TENON_BACKEND: "prod" } });
      expect(ended).toEqual({
        code: 2,
        stdout: "",
        stderr:
          'error: Unknown backend in TENON_BACKEND: "prod". It must be "local" or "aws".\nhint: Set TENON_BACKEND to local for this machine or to aws for AWS, or unset it.\n',
      });
    },
  );

  test.each([["env deploy"], ["env list"], ["env destroy --yes --delete-data"]])(
    "is not AWS when it is this machine: tenon %s refuses",
    async (line) => {
      const { code, stderr } = await tenon(line.split(" "), { env: { TENON_BACKEND: "local" } });
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr:
          'error: Environments are made on AWS only, and TENON_BACKEND is "local". This machine needs none.\nhint: Add --aws, or unset TENON_BACKEND.\n',
      });
    },
  );

  test("is said with all that is known of it", () => {
    expect([
      placeText({ backend: "local", environment: "dev" }),
      placeText({ backend: "aws", environment: "dev" }),
      placeText({ backend: "aws", environment: "prod", account: "123456789012", region: "eu-west-1" }),
    ]).toEqual([
      'environment "dev" on this machine',
      'environment "dev" on AWS',
      'environment "prod" on AWS (account 123456789012, region eu-west-1)',
    ]);
  });
});

describe("a command that is printed", () => {
  const text = (environment: string, env: Record<string, string>, params: Parameters<typeof commandText>[1]): string =>
    commandText({ io: captureIo({ env }), globals: { json: false, verbose: false, environment } }, params);

  test.each([
    ["dev", {}, { command: "call", backend: "local", words: ["shop/add"] }, "tenon call --local shop/add"],
    ["staging", {}, { command: "call", backend: "aws", words: ["shop/add"] }, "tenon call --aws -e staging shop/add"],
    ["staging", { TENON_ENVIRONMENT: "staging" }, { command: "plan", words: ["a b.ts"] }, "tenon plan 'a b.ts'"],
    ["dev", { TENON_ENVIRONMENT: "staging" }, { command: "plan", words: ["a.ts"] }, "tenon plan -e dev a.ts"],
    ["dev", { npm_command: "exec" }, { command: "env deploy", backend: "aws", usual: "aws" }, "npx tenon env deploy"],
    ["dev", { TENON_BACKEND: "local" }, { command: "env deploy", backend: "aws", usual: "aws" }, "tenon env deploy --aws"],
  ] as const)("in environment %s and %j means what it meant here", (environment, env, params, line) => {
    expect(text(environment, env, params)).toBe(line);
  });
});

describe("destroying an App on this machine", () => {
  const state = mkdtempSync(join(tmpdir(), "tenon-destroy-"));
  afterAll(() => rmSync(state, { recursive: true, force: true }));
  // Were AWS asked, this endpoint would refuse it.
  const env = { TENON_BACKEND: "local", TENON_STATE_DIR: state, AWS_ENDPOINT_URL: "http://127.0.0.1:9", AWS_REGION: "us-east-1" };
  const run = (...line: string[]): Promise<Ended> => tenonBin(line, { env });
  const kept = (folder: string): readonly string[] => (existsSync(join(state, folder)) ? readdirSync(join(state, folder)) : []);

  test("asks first, then stops it and removes its code and its log", async () => {
    const { stdout } = await run("deploy", "-e", "staging", SHOP);
    expect(stdout).toContain("  tenon call --local -e staging shop/add\n");
    expect(await run("call", "-e", "staging", "shop/echo")).toMatchObject({ code: 0 });
    expect([kept("deployed").length, kept("logs").length > 0]).toEqual([1, true]);
    expect(await run("destroy", "-e", "staging", "shop")).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'error: Not confirmed, and no question can be asked here: destroy the App "shop" of environment "staging" on this machine. Calls that run are cancelled; its code and its log are removed.\nhint: Add --yes to destroy it without a question.\n',
    });
    expect(await run("destroy", "-e", "staging", "--yes", "shop")).toEqual({
      code: 0,
      stdout: "destroyed shop on this machine (environment staging)\n",
      stderr: "",
    });
    expect([kept("deployed"), kept("logs")]).toEqual([[], []]);
    expect(await run("call", "-e", "staging", "shop/add", "1", "2")).toMatchObject({ code: 1 });
    expect((await run("app", "list", "-e", "staging", "--json")).stdout).toBe("");
  });

  test("knows it by its file too, and those that are not there", async () => {
    expect(await run("deploy", SHOP)).toMatchObject({ code: 0 });
    expect(JSON.parse((await run("destroy", "--yes", "--json", SHOP)).stdout)).toEqual({
      app: "shop",
      environment: "dev",
      state: "destroyed",
    });
    expect(await run("destroy", "--yes", "shop")).toEqual({
      code: 1,
      stdout: "",
      stderr:
        'error: App "shop" is not deployed in environment "dev" on this machine.\nhint: Run tenon app list --local to see which are.\n',
    });
  });
});
