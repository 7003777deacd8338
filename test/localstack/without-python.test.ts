import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { EmulatorError, EmulatorUnavailable, startEmulator } from "../../localstack/start.js";
import { emulatedAws } from "../helpers/emulator.ts";

const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], TENON_PYTHON: "no-such-python" };

// The helper registers hooks, so it is called while the file is collected.
const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
const here = await emulatedAws({ env });
const warned = warn.mock.calls.flat().join("\n");
warn.mockRestore();
const inCi = await emulatedAws({ env: { ...env, CI: "true" } }).catch((error: unknown) => error);

test("names the interpreter that is missing, and what to do", async () => {
  const failure = startEmulator({ env });
  await expect(failure).rejects.toBeInstanceOf(EmulatorUnavailable);
  await expect(failure).rejects.toThrow(/"no-such-python" does not run\.\n {2}Install Python 3\.11 or newer with pip/);
});

test("the tests that need it are left out, loudly", () => {
  expect(here.missing).toBe(true);
  expect(warned).toContain("LEFT OUT");
  expect(warned).toContain("no-such-python");
  expect(() => here.account).toThrow(EmulatorUnavailable);
});

test("under CI it is a failure", () => {
  expect(inCi).toBeInstanceOf(EmulatorUnavailable);
});

test("the command fails with the same words and no stack", async () => {
  const failure = await promisify(execFile)(process.execPath, ["localstack/start.js"], { env }).catch((error) => error);
  expect(failure.code).toBe(1);
  expect(failure.stderr).toContain("Install Python 3.11 or newer");
  expect(failure.stderr).not.toContain("install.js:");
});

test("an endpoint where nothing answers is an error that names it", async () => {
  const key = { AWS_ACCESS_KEY_ID: "mine", AWS_SECRET_ACCESS_KEY: "mine" };
  const failure = startEmulator({ env: { ...env, ...key, AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
  await expect(failure).rejects.toBeInstanceOf(EmulatorError);
  await expect(failure).rejects.toThrow(/AWS_ENDPOINT_URL is http:\/\/127\.0\.0\.1:1, and nothing there answers/);
});

test("an endpoint without a key for it is an error that says which variables to set", async () => {
  const failure = startEmulator({ env: { ...env, AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
  await expect(failure).rejects.toBeInstanceOf(EmulatorError);
  await expect(failure).rejects.toThrow(/the environment has no key for it\.\n {2}Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/);
});
