import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { newClient } from "../../../src/adapters/aws/new-client.ts";
import { appParameter } from "../../../src/model/aws-names.ts";
import { ROOT, tenonBin } from "../../cli/bin.ts";
import { type SmallAws, startSmallAws } from "../../helpers/lambda/front.ts";

/** Words of the SDK's warning of an old Node. Later versions of Node have none. */
const WARNING = /NodeVersionSupportWarning|a\.co\//;

let aws: SmallAws;
let env: Record<string, string>;
beforeAll(async () => {
  aws = await startSmallAws();
  env = {
    TENON_BACKEND: "aws",
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
});
afterAll(() => aws.close());
beforeEach(() => {
  const manifest = { name: "shop", functions: {}, maxCallDepth: 32 };
  aws.parameters.set(appParameter("dev", "shop", 0), JSON.stringify({ version: "v1", manifest }));
});

test("a command on AWS does not show the SDK's warning of the Node version", async () => {
  const { stderr } = await tenonBin(["call", "shop/missing"], { env });
  expect(stderr).toMatch(/^error: .*missing/);
  expect(stderr).not.toMatch(WARNING);
});

test("a program that calls a Function on AWS does not show it either", async () => {
  const program = `import { RemoteFunction } from "tenon";
    await RemoteFunction.fromName("shop", "missing").remote().catch((error) => console.error(error.message));
    process.emitWarning("the disk is full");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], { cwd: ROOT, env: { ...process.env, ...env } });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  await once(child, "close");
  expect(aws.seen).toContain("GetParameters");
  expect(stderr).toMatch(/missing[^]*Warning: the disk is full/);
  expect(stderr).not.toMatch(WARNING);
});

test("other warnings pass, and the SDK's switch is what it was", () => {
  const name = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";
  vi.stubEnv(name, undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  const emitted = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const inside = newClient(() => {
    process.emitWarning("the disk is full");
    return process.env[name];
  });
  expect(inside).toBe("true");
  expect(process.env[name]).toBeUndefined();
  expect(emitted).toHaveBeenCalledExactlyOnceWith("the disk is full");
  emitted.mockRestore();
  expect(() => newClient(() => decodeURIComponent("%"))).toThrow(URIError);
  expect(process.env[name]).toBeUndefined();
});
