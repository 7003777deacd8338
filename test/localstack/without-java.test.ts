import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EmulatorUnavailable, startEmulator } from "../../localstack/start.js";
import { findPython } from "../../localstack/python.js";
import { emulatedAws } from "../helpers/emulator.ts";

const folder = mkdtempSync(join(tmpdir(), "tenon-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder of commands that say what they are told to: the whole PATH of a machine. */
function machine(name: string, commands: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const bin = join(folder, name);
  mkdirSync(bin);
  symlinkSync("/bin/sh", join(bin, "sh"));
  for (const [command, script] of Object.entries(commands)) writeFileSync(join(bin, command), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: bin, HOME: folder, XDG_CACHE_HOME: join(folder, "cache") };
}
const python = (version: readonly number[], pip = true): string =>
  `echo '${JSON.stringify({ version, tag: "cpython-none", platform: "none", pip })}'`;
const java = (version: string): string => `echo '    java.home = /opt/java\n    java.specification.version = ${version}' >&2`;
const localstack = (env: NodeJS.ProcessEnv) => startEmulator({ kind: "localstack", env });

// The helper registers hooks, so it is called while the file is collected.
const inCi = await emulatedAws({ kind: "localstack", env: { ...machine("ci", {}), CI: "true" } }).catch((error: unknown) => error);

test("all that is missing is named at once, with what was found and what to do", async () => {
  const env = machine("old", { python3: python([3, 12, 1]), "python3.11": python([3, 11, 7]), java: java("1.8") });
  const failure = localstack(env);
  await expect(failure).rejects.toBeInstanceOf(EmulatorUnavailable);
  await expect(failure).rejects.toThrow(
    /needs Python 3\.13 or newer with pip\. Here, "python3" is 3\.12\.1; .*"python3\.11" is 3\.11\.7\.\n {2}Install Python 3\.13 or newer with pip, or name one in TENON_PYTHON\.\n.*needs Java 17 or newer for DynamoDB Local\. Here, "java" is 1\.8\.\n {2}Install Java 17 or newer, or name one in JAVA_HOME\.$/,
  );
});

test("Maven is missing only where LocalStack is to be installed", async () => {
  const env = machine("no-maven", { python3: python([3, 13, 0]), java: java("21") });
  const failure = localstack(env);
  await expect(failure).rejects.toBeInstanceOf(EmulatorUnavailable);
  await expect(failure).rejects.toThrow(/is installed with Maven\. Here, "mvn" does not run\.\n {2}Install Maven 3\.6 or newer\. /);
});

test("under CI it is a failure", () => {
  expect(inCi).toBeInstanceOf(EmulatorUnavailable);
});

test("the first Python that is new enough and has pip is taken, those of pyenv too", async () => {
  const commands = { python3: python([3, 11, 2]), "python3.14": python([3, 14, 0], false), "python3.13": python([3, 13, 1]) };
  expect(await findPython("it", "3.13", machine("several", commands))).toMatchObject({ command: "python3.13" });
  expect(await findPython("it", "3.11", machine("again", commands))).toMatchObject({ command: "python3" });

  const PYENV_ROOT = join(folder, "pyenv");
  for (const version of ["3.9.18", "3.13.0", "2.7.18"]) {
    mkdirSync(join(PYENV_ROOT, "versions", version, "bin"), { recursive: true });
    const script = python(version.split(".").map(Number));
    writeFileSync(join(PYENV_ROOT, "versions", version, "bin/python3"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const env = { ...machine("pyenv-only", { python3: python([3, 11, 7]) }), PYENV_ROOT };
  expect(await findPython("it", "3.13", env)).toMatchObject({ command: join(PYENV_ROOT, "versions/3.13.0/bin/python3") });
});

test("an emulator that there is not is refused with those that there are", async () => {
  await expect(startEmulator({ env: { TENON_EMULATOR: "moto" } })).rejects.toThrow(
    /^There is no emulator "moto"\. There are ministack and localstack\.\n {2}Set TENON_EMULATOR to one of them\.$/,
  );
});
