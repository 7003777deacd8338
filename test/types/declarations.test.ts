import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "tenon-declarations-"));

function tsc(...args: string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), ...args], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, text: stdout + stderr };
}

// A project of its own that has this package installed, so that names are looked for by its doors alone.
beforeAll(() => {
  const installed = join(folder, "node_modules/tenon");
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  symlinkSync(join(root, "node_modules/undici-types"), join(folder, "node_modules/undici-types"));
  // A dependency, as npm installs it.
  symlinkSync(join(root, "node_modules/@standard-schema"), join(folder, "node_modules/@standard-schema"));
  expect(tsc("-p", join(root, "tsconfig.build.json"), "--outDir", join(installed, "dist"))).toEqual({ status: 0, text: "" });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
  cpSync(join(import.meta.dirname, "consumer"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a user's exports have declarations whose every name comes from the door", () => {
  const compiled = tsc(
    "app.ts",
    "--strict",
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    "out",
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--lib",
    "es2023,esnext.disposable",
    "--types",
    "node",
  );
  expect(compiled).toEqual({ status: 0, text: "" });
  const declarations = readFileSync(join(folder, "out/app.d.ts"), "utf8");
  expect(declarations).toMatch(
    /export declare const count: FunctionHandle<\(text: string\) => Promise<number>>|import\("tenon"\)\.FunctionHandle<\(text: string\) => Promise<number>>/,
  );
  const sources = [...declarations.matchAll(/(?:from |import\()["']([^"']+)["']/g)].map((match) => match[1]);
  expect(new Set(sources)).toEqual(new Set(["tenon"]));
});
