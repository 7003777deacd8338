import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { INIT_WAIT_MS } from "../../src/runtime/lambda/instance.ts";
import { type DeployedForTest, deployForTest } from "../helpers/lambda/deploy.ts";
import { type Environment, startEnvironment } from "../helpers/lambda/environment.ts";

let deployed: DeployedForTest;
const environments: Environment[] = [];
beforeAll(async () => {
  deployed = await deployForTest(join(import.meta.dirname, "../fixtures/slow-module-app.ts"));
});
afterAll(async () => {
  await Promise.all(environments.map((each) => each.end()));
  await deployed.close();
});

/** Starts an environment of a module that takes so long; says whether it had loaded when init ended. */
const start = async (loadMs: number, type: string): Promise<{ environment: Environment; loaded: boolean }> => {
  const fn = deployed.functions.get("slow")!;
  const variables = { ...fn.variables, LOAD_MS: String(loadMs), AWS_LAMBDA_INITIALIZATION_TYPE: type };
  const lines: string[] = [];
  let onIdle = (): void => undefined;
  const idle = new Promise<void>((resolve) => (onIdle = resolve));
  const hooks = { onIdle: () => onIdle(), onGone: () => undefined, onLine: (line: string) => void lines.push(line) };
  const environment = await startEnvironment({ ...fn, variables }, hooks);
  environments.push(environment);
  await idle;
  // What was printed before is on its way through a pipe.
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { environment, loaded: lines.some((line) => line.includes('"text":"loaded"')) };
};
const LATE_MS = INIT_WAIT_MS + 2_000;

test.concurrent("init ends when the module has loaded", async () => {
  expect((await start(1_500, "on-demand")).loaded).toBe(true);
});

test.concurrent("init ends before Lambda would begin it again, and the first invocation goes on waiting, outside its timeoutMs", async () => {
  const { environment, loaded } = await start(LATE_MS, "on-demand");
  expect(loaded).toBe(false);
  const payload = await new Promise<string>((resolve) => {
    environment.give({ id: "1", event: '{"args":[]}', onChunk: () => undefined, onEnd: resolve });
  });
  expect(JSON.parse(payload)).toEqual({ result: { status: "succeeded", value: "ran" }, parts: [] });
});

test.concurrent("init of a provisioned environment waits longer than that", async () => {
  expect((await start(LATE_MS, "provisioned-concurrency")).loaded).toBe(true);
});
