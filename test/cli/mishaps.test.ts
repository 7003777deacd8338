import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tenonBin } from "./bin.ts";

const folder = mkdtempSync(join(tmpdir(), "tenon-mishaps-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe("a file that can't be deployed", () => {
  test("because its module throws: the user's line, and nothing of Tenon", async () => {
    const broken = file("broken.ts", 'import { App } from "tenon";\nnew App("broken");\nthrow new RangeError("no config");\n');
    const { code, stdout, stderr } = await tenonBin(["deploy", "--local", broken]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: RangeError: no config\n {2}at .*broken\.ts:3:7\nhint: Run it again with --verbose for the whole stack\.\n$/,
    );
  });

  test("because an option is wrong: the user's line", async () => {
    const wrong = file(
      "wrong.ts",
      'import { App } from "tenon";\nconst app = new App("wrong");\napp.function("f", { timeout: 5 }, () => 1);\n',
    );
    const { code, stderr } = await tenonBin(["deploy", "--local", wrong]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: Function "f": `timeout` is now `timeoutMs`\.\n {2}at .*wrong\.ts:3:5\nhint: Write `timeoutMs` in its place\.\n$/,
    );
  });
});

test("a state folder that can't be made is named, with what to do", async () => {
  const env = { TENON_BACKEND: "local", TENON_STATE_DIR: join(file("no-folder", ""), "state") };
  const here = '  in environment "dev" on this machine\n';
  for (const [where, line] of [
    ["", ["run", "test/fixtures/cli/shop.ts::add", "1", "2"]],
    [here, ["deploy", "--local", "test/fixtures/cli/shop.ts"]],
    [here, ["app", "list"]],
  ] as const) {
    const { code, stdout, stderr } = await tenonBin(line, { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `error: The state folder "${env.TENON_STATE_DIR}" can't be written: ENOTDIR: not a directory.\n${where}hint: Set TENON_STATE_DIR to a folder that you may write to.\n`,
    );
  }
});

test("what a body wrote before it blocks is shown, and no frame but the user's", async () => {
  const stuck = file(
    "stuck.ts",
    'import { App } from "tenon";\nconst app = new App("stuck");\napp.function("f", { timeoutMs: 1_000 }, async () => {\n  console.log("before");\n  for (;;);\n});\n',
  );
  const { code, stdout, stderr } = await tenonBin(["run", stuck]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "before\n" });
  expect(stderr).toMatch(/^error: Function "f" ran longer than its timeoutMs of 1,000 ms and blocked its process \(attempt 1\)\.\nhint: /);
});

test("a body that ends the process after much output has said all of it, and fails as what it is", async () => {
  const loud = file(
    "loud.ts",
    'import { App } from "tenon";\nconst app = new App("loud");\napp.function("f", async () => {\n  for (let i = 0; i < 30_000; i++) console.log(`${i} ${"x".repeat(90)}`);\n  process.exit(4);\n});\n',
  );
  const { code, stdout, stderr } = await tenonBin(["run", loud]);
  expect(stderr).toMatch(/^error: User code ended the process with process\.exit\(4\)\.\n {2}at .*loud\.ts:5:11\nhint: /);
  expect(code).toBe(1);
  expect(stdout.split("\n").map((line) => line.split(" ")[0])).toEqual([...Array.from({ length: 30_000 }, (_, i) => String(i)), ""]);
});

test("an endpoint that nobody listens at is named, and the AWS SDK says nothing of its own", async () => {
  const env = {
    TENON_BACKEND: "aws",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "nobody",
    AWS_SECRET_ACCESS_KEY: "nobody",
  };
  const { code, stderr } = await tenonBin(["call", "wordcount/count", "hi"], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: AWS Systems Manager can't be reached: .*127\.0\.0\.1:9\n {2}in environment "dev" on AWS \(region us-east-1, endpoint http:\/\/127\.0\.0\.1:9\)\nhint: .*AWS_ENDPOINT_URL\.\n$/,
  );
});
