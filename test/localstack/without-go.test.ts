import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { EmulatorUnavailable } from "../../localstack/errors.js";
import { findRie } from "../helpers/lambda/rie.ts";

const cache = await mkdtemp(join(tmpdir(), "tenon-rie-"));
afterAll(() => rm(cache, { recursive: true }));
const env = { PATH: cache, XDG_CACHE_HOME: cache };

test("without Go the tests on AWS's runtime emulator are left out, loudly", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  expect((await findRie(env)).missing).toBe(true);
  const warned = warn.mock.calls.flat().join("\n");
  warn.mockRestore();
  expect(warned).toContain("LEFT OUT");
  expect(warned).toContain('"go" does not run');
});

test("under CI that is a failure", async () => {
  await expect(findRie({ ...env, CI: "true" })).rejects.toBeInstanceOf(EmulatorUnavailable);
});
