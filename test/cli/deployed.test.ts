import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start, tenonBin } from "./bin.ts";

const SHOP = "test/fixtures/cli/shop.ts";
const local = { env: { TENON_BACKEND: "local" } };

describe("an App deployed on this machine", () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await tenonBin(["deploy", "--local", SHOP]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^deployed shop \(version [0-9a-f]{12}, environment dev\)\n {2}tenon call --local shop\/add\n/);
  });
  afterAll(async () => {
    await tenonBin(["app", "stop", "--local", "--yes", "shop"]);
  });

  test("is left as it is when nothing changed", async () => {
    const { code, stdout } = await tenonBin(["deploy", "--local", "--json", SHOP]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      app: "shop",
      changed: false,
      functions: ["add", "echo", "upTo", "charge"],
      environment: "dev",
    });
  });

  test("is called from any process, by --local or TENON_BACKEND", async () => {
    expect(await tenonBin(["call", "--local", "shop/add", "2", "40"])).toEqual({ code: 0, stdout: "42\n", stderr: "" });
    expect((await tenonBin(["call", "shop/add", "-2", "1"], local)).stdout).toBe("-1\n");
    expect((await tenonBin(["call", "--raw", "shop/add", "2", "40"], local)).stdout).toBe("240\n");
  });

  test("gives a generator's items one per line", async () => {
    expect((await tenonBin(["call", "--json", "shop/upTo", "2"], local)).stdout).toBe('{"i":1}\n{"i":2}\n');
  });

  test("keeps a spawned call for whoever asks by its id", async () => {
    const { stdout } = await tenonBin(["call", "--spawn", "shop/add", "20", "1"], local);
    expect(stdout).toMatch(/^fc-\w+\n$/);
    expect((await tenonBin(["call", "--get", stdout.trim()], local)).stdout).toBe("21\n");
  });

  test("shows a remote error with its class and the user's line", async () => {
    const { code, stderr } = await tenonBin(["call", "shop/charge", "9"], local);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: PaymentDeclined: card ending in 9 was declined\n {2}at .*shop\.ts:29:9\)?\n/);
  });

  test("has in its log why an attempt failed", async () => {
    expect(await tenonBin(["call", "shop/charge", "9"], local)).toMatchObject({ code: 1 });
    const { stderr } = await tenonBin(["app", "logs", "shop", "--function", "charge", "-n", "1"], local);
    expect(stderr).toMatch(/^charge: attempt 1 failed: PaymentDeclined: card ending in 9 was declined\n +at .*shop\.ts:29:9/);
  });

  test("is listed", async () => {
    expect((await tenonBin(["app", "list"], local)).stdout).toMatch(
      /^NAME +STATE +VERSION +SINCE \(UTC\) +FUNCTIONS\nshop +deployed +[0-9a-f]{12} +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +add, echo, upTo, charge\n$/,
    );
    expect(JSON.parse((await tenonBin(["app", "list", "--json"], local)).stdout)).toMatchObject({ name: "shop", state: "deployed" });
  });

  test("has its log, and can be followed until Ctrl-C", async () => {
    await tenonBin(["call", "shop/echo"], local);
    const { stdout, stderr } = await tenonBin(["app", "logs", "shop", "--function", "echo", "-n", "2"], local);
    expect({ stdout, stderr }).toEqual({ stdout: "echo on stdout\n", stderr: "echo on stderr\n" });
    const follower = start(["app", "logs", "shop", "-f", "-n", "0", "--json"], local);
    // The follower is asked again and again, because nothing tells when it listens.
    const calls = setInterval(() => void tenonBin(["call", "shop/echo"], local), 1_000);
    await follower.seen(/"text":"echo on stdout"/);
    clearInterval(calls);
    follower.kill("SIGINT");
    expect((await follower.ended).code).toBe(130);
  });

  test.each([
    [
      ["call", "shop/ad"],
      1,
      `error: App "shop" has no Function "ad". It has add, echo, upTo, charge.\n  in environment "dev" on this machine\nhint: Write "add" if that is the one you mean.\n`,
    ],
    [
      ["app", "logs", "shop", "--function", "ad"],
      1,
      `error: App "shop" has no Function "ad". It has add, echo, upTo, charge.\n  in environment "dev" on this machine\nhint: Write "add" if that is the one you mean.\n`,
    ],
    [["call", "shop"], 2, `error: Not the address of a Function: "shop". It must be app/function.\nhint: Write it like wordcount/count.\n`],
    [
      ["call", "--get", "shop/add"],
      2,
      `error: Not a call's id: "shop/add". --get takes one id.\nhint: Write tenon call --get fc-…, with the id that --spawn printed, or the functionCallId of what spawn gave to a program.\n`,
    ],
    [
      ["app", "stop", "shop"],
      2,
      `error: Not confirmed, and no question can be asked here: stop the App "shop" of environment "dev" on this machine. Calls that run are cancelled.\nhint: Add --yes to stop it without a question.\n`,
    ],
    [
      ["app", "logs", "shop", "-n", "many"],
      2,
      `error: Invalid value of --tail: "many". It must be a whole number from 0 to 20,000.\nhint: Write --tail 100, or leave it out.\n`,
    ],
    [
      ["call", "--get", "order-42"],
      1,
      `error: Invalid id of a call: "order-42". Such ids begin with fc-, and hold only letters and digits after it.`,
    ],
    [["call", "--get", "fc-42"], 1, `error: Call "fc-42" is not known in environment "dev".`],
    [["call", "-e", "no spaces", "shop/add"], 2, `error: --env: Invalid environment name: "no spaces".`],
  ])("%j is refused in words", async (line, code, words) => {
    const ended = await tenonBin(line, local);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr.startsWith(words), ended.stderr).toBe(true);
  });
});

test("without --local and TENON_BACKEND nothing is guessed", async () => {
  for (const line of [
    ["call", "shop/add"],
    ["app", "list"],
    ["app", "stop", "-y", "shop"],
    ["app", "logs", "shop"],
  ]) {
    const ended = await tenonBin(line);
    expect(ended).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: No backend is named. It is this machine or AWS, and Tenon does not guess.\nhint: Add --local for this machine or --aws for AWS, or set TENON_BACKEND to local or aws.\n",
    });
  }
});

test("deploying to AWS without a region, or as nobody, says what to set", async () => {
  const env = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_EC2_METADATA_DISABLED: "true" };
  expect(await tenonBin(["deploy", SHOP], { env })).toEqual({
    code: 1,
    stdout: "",
    stderr:
      'error: No AWS region is named.\n  in environment "dev" on AWS\nhint: Set AWS_REGION, or a region in the profile that AWS_PROFILE names.\n',
  });
  expect(await tenonBin(["deploy", SHOP], { env: { ...env, AWS_REGION: "us-east-1" } })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^error: AWS does not accept the caller's credentials: .*\n {2}in environment "dev" on AWS \(region us-east-1\)\nhint: Sign in /,
    ),
  });
});
