import { execFileSync } from "node:child_process";
import { existsSync, openSync, readdirSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleApp, makeAsset, readBundleRecord } from "../../src/bundle/index.ts";
import { refuseTooLarge } from "../../src/bundle/asset-size.ts";
import { project, type Project, removeTemporary, repo } from "./project.ts";

afterAll(removeTemporary);

const FILES = {
  "app.ts": 'import { sum } from "./lib/sum.ts";\nexport const crc = (text: string) => sum(text);\n',
  "lib/sum.ts": 'import { crc32 } from "@node-rs/crc32";\nexport const sum = (text: string) => crc32(text);\n',
};
const ARM64 = 183;
const X86_64 = 62;

/** A user's project with a native package from the registry, installed by npm. */
let real: Project;
beforeAll(() => {
  real = project(FILES, { packages: false });
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "@node-rs/crc32@1.10.6"], { cwd: real.dir });
}, 60_000);

/** The processors of the native parts below a folder. */
function processors(dir: string): readonly number[] {
  const parts = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".node"));
  return parts.map((name) => {
    const header = Buffer.alloc(20);
    readSync(openSync(join(dir, name), "r"), header, 0, 20, 0);
    return header.readUInt16LE(18);
  });
}

async function asset(of: Project, more: Partial<Parameters<typeof makeAsset>[1]> = {}) {
  const bundle = await bundleApp({ entryFile: of.path("app.ts"), stateDir: of.path(".tenon"), tenonDir: repo });
  return { bundle, ...(await makeAsset(bundle, { stateDir: of.path(".tenon"), tenonDir: repo, ...more })) };
}

describe("a native package goes to Lambda", { timeout: 60_000 }, () => {
  test("with the part of its processor and no other, whatever machine this is", async () => {
    const installed: string[] = [];
    const onInstall = (names: readonly string[]): void => void installed.push(...names);
    const arm = await asset(real, { onInstall });
    expect(processors(arm.dir)).toEqual([ARM64]);
    const intel = await asset(real, { architecture: "x86_64", onInstall });
    expect(processors(intel.dir)).toEqual([X86_64]);
    expect(intel.version).not.toBe(arm.version);
    expect(installed).toEqual(["@node-rs/crc32 1.10.6", "@node-rs/crc32 1.10.6"]);
    // Neither npm nor the project's own packages took part a second time.
    expect((await asset(real, { onInstall })).dir).toBe(arm.dir);
    expect(installed).toHaveLength(2);
  });

  test("once, when two processes ask for it together", async () => {
    rmSync(real.path(".tenon"), { recursive: true, force: true });
    const [one, other] = await Promise.all([asset(real), asset(real)]);
    expect(one.dir).toBe(other.dir);
    expect(readdirSync(real.path(".tenon/packages")).filter((name) => name.startsWith(".tmp"))).toEqual([]);
  });

  test("and says by which files the App imports it when all of it is too large", async () => {
    const { bundle, dir } = await asset(real);
    expect(readBundleRecord(bundle.dir)?.packages.map(({ chain }) => chain)).toEqual([["app.ts", "lib/sum.ts"]]);
    const packages = readBundleRecord(bundle.dir)!.packages;
    expect(() => refuseTooLarge(dir, packages, 300 * 1_024)).toThrow(
      /^The App's code has \d\.\d MB unpacked. Lambda allows 0\.3 MB\. Its largest packages:\n +\d\.\d MB {2}@node-rs\/crc32-linux-arm64-gnu\n[^]*\nimported by\n {2}app\.ts → lib\/sum\.ts → @node-rs\/crc32$/,
    );
    refuseTooLarge(dir, packages);
  });
});

describe("a native package is refused", { timeout: 60_000 }, () => {
  const copyOf = (files: Readonly<Record<string, string>> = {}): Project => {
    const copy = project({ ...FILES, ...files }, { packages: false });
    execFileSync("cp", ["-r", real.path("node_modules"), copy.path("node_modules")]);
    return copy;
  };
  const lock = (): string => readFileSync(real.path("package-lock.json"), "utf8");

  test("without a lockfile, with the command that makes one", async () => {
    await expect(asset(copyOf())).rejects.toThrow(
      /there is no package-lock\.json in .* or above\. The packages: @node-rs\/crc32 \(native\)\.$/,
    );
    await expect(asset(copyOf({ "yarn.lock": "" }))).rejects.toThrow(/yarn\.lock is not a lockfile of npm/);
    await expect(asset(copyOf())).rejects.toMatchObject({ hint: expect.stringContaining("npm install --package-lock-only") });
  });

  test("whose lockfile holds another version of it", async () => {
    const other = copyOf({ "package-lock.json": lock().replaceAll("1.10.6", "1.10.5") });
    await expect(asset(other)).rejects.toThrow(/@node-rs\/crc32 1\.10\.6 is installed, but .*package-lock\.json does not hold it\.$/);
    const old = copyOf({ "package-lock.json": '{"lockfileVersion":1,"dependencies":{}}' });
    await expect(asset(old)).rejects.toThrow(/has the format 1 of npm 6/);
  });

  test("that npm can't fetch as it is locked, in npm's words, and leaves nothing half", async () => {
    const broken = copyOf({ "package-lock.json": lock().replaceAll(/"integrity": "sha512-[^"]{8}/g, '"integrity": "sha512-AAAAAAAA') });
    await expect(asset(broken)).rejects.toThrow(/^npm could not install packages for linux\/arm64: [^]*EINTEGRITY/);
    expect(readdirSync(broken.path(".tenon/packages"))).toEqual([]);
  });

  test("that brings no part for Lambda's processor", async () => {
    const entries = JSON.parse(lock()) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
    const main = entries.packages["node_modules/@node-rs/crc32"]!;
    main.optionalDependencies = Object.fromEntries(
      Object.entries(main.optionalDependencies ?? {}).filter(([name]) => !name.includes("linux-arm64")),
    );
    const other = copyOf({ "package-lock.json": JSON.stringify(entries) });
    await expect(asset(other)).rejects.toThrow(/@node-rs\/crc32 1\.10\.6 brings no native part at all.* linux\/arm64\.$/);
    expect(existsSync(other.path(".tenon/assets"))).toBe(false);
  });
});

test("an App without such packages is made without npm", async () => {
  const plain = project({ "app.ts": "export const one = 1;\n" });
  writeFileSync(plain.path("package-lock.json"), "not JSON");
  expect(existsSync((await asset(plain)).dir)).toBe(true);
});
