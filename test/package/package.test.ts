import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { source } from "../architecture/source.ts";
import { type Installed, installPacked } from "./installed.ts";

const ROOT = join(import.meta.dirname, "../..");

interface EntryPoint {
  readonly types: string;
  readonly default: string;
}

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, EntryPoint | string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const entryPoints = Object.entries(manifest.exports).flatMap(([name, entry]) =>
  typeof entry === "string" ? [] : [{ name: join("tenon", name), ...entry }],
);

let user: Installed;
beforeAll(() => {
  user = installPacked();
});
afterAll(() => user.remove());

/** The names that the declarations of an entry point export, listed by hand or declared there. Types are marked. */
function declaredNames(entry: EntryPoint): readonly string[] {
  const { body } = source(entry.types, readFileSync(join(ROOT, entry.types), "utf8"));
  return body.flatMap((node) => {
    const declaration = node["declaration"] as { type: string; id?: { name: string }; declarations?: { id: { name: string } }[] } | null;
    const isType = (kind: unknown, type = ""): string => (kind === "type" && /Interface|TypeAlias|^$/.test(type) ? "type " : "");
    if (declaration) {
      const names = declaration.declarations?.map(({ id }) => id.name) ?? [declaration.id?.name ?? "default"];
      return node.type.startsWith("Export") ? names.map((name) => isType(node["exportKind"], declaration.type) + name) : [];
    }
    const specifiers = (node.type === "ExportNamedDeclaration" ? node["specifiers"] : []) as {
      exportKind: string;
      exported: { name: string };
    }[];
    return specifiers.map(({ exportKind, exported }) => (node["exportKind"] === "type" ? "type " : isType(exportKind)) + exported.name);
  });
}

/** The packages that load with a file of dist, at once, through every file it imports. */
function packagesLoadedBy(file: string, seen = new Set<string>()): ReadonlySet<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const { specifier, target, lazy } of source(file, readFileSync(join(ROOT, file), "utf8")).imports) {
    if (lazy || specifier.startsWith("node:")) continue;
    if (specifier === "tenon") for (const each of packagesLoadedBy("dist/index.js", seen)) packages.add(each);
    else if (target === undefined) packages.add(specifier);
    else for (const each of packagesLoadedBy(target, seen)) packages.add(each);
  }
  return packages;
}

describe("the entry points", () => {
  test.each(entryPoints)("$name leads to files that are there", (entry) => {
    expect(existsSync(join(user.folder, "node_modules/tenon", entry.types))).toBe(true);
    expect(existsSync(join(user.folder, "node_modules/tenon", entry.default))).toBe(true);
  });

  test.each(entryPoints)("$name gives ESM and CommonJS the names that its types promise", (entry) => {
    const print = `console.log(JSON.stringify(Object.keys(entry).filter((name) => name !== "module.exports").sort()))`;
    const esm = user.write("entry.mjs", `import * as entry from "${entry.name}";\n${print}`);
    const common = user.write("entry.cjs", `const entry = require("${entry.name}");\n${print}`);
    const promised = declaredNames(entry).filter((name) => !name.startsWith("type "));
    expect(JSON.parse(user.run(process.execPath, [esm]))).toEqual(promised.toSorted());
    expect(JSON.parse(user.run(process.execPath, [common]))).toEqual(promised.toSorted());
  });

  test("ESM and CommonJS in one process share one copy", () => {
    const both = user.write(
      "both.mjs",
      `import * as a from "tenon/vite"; import { createRequire } from "node:module";
      console.log(createRequire(import.meta.url)("tenon/vite").tenon === a.tenon);`,
    );
    expect(user.run(process.execPath, [both]).trim()).toBe("true");
  });

  test("their names are the ones agreed on", async () => {
    const names = entryPoints
      .map(
        (entry) =>
          `${entry.name}\n${declaredNames(entry)
            .toSorted()
            .map((name) => `  ${name}\n`)
            .join("")}`,
      )
      .join("\n");
    await expect(names).toMatchFileSnapshot("public-names.txt");
  });

  test.each([["dist/index.js"], ["dist/testing/index.js"], ["dist/worker.js"]])("%s loads no heavy package at once", (file) => {
    expect([...packagesLoadedBy(file)].filter((name) => name !== "devalue")).toEqual([]);
  });

  test("every relative link of its documents leads to a file that is packed", () => {
    const packed = join(user.folder, "node_modules/tenon");
    const documents = (readdirSync(packed, { recursive: true }) as string[]).filter(
      (file) => file.endsWith(".md") && !file.includes("node_modules"),
    );
    const links = documents.flatMap((file) =>
      [...readFileSync(join(packed, file), "utf8").matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, link]) => ({
        file,
        link: link!,
      })),
    );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter(({ file, link }) => !existsSync(join(packed, file, "..", link)))).toEqual([]);
  });

  test("no other file of the package can be imported", () => {
    const past = user.write("past.mjs", `import("tenon/dist/cli.js").catch((error) => console.log(error.code));`);
    expect(user.run(process.execPath, [past]).trim()).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });
});

describe("a user's program", () => {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");

  test.each([
    ["nodenext", ["--module", "nodenext"]],
    ["bundler", ["--module", "preserve", "--moduleResolution", "bundler"]],
  ])("compiles under strict with declarations, resolved by %s", (_, flags) => {
    const output = compile([tsc, "--project", user.folder, ...flags]);
    expect(output).toBe("");
    expect(existsSync(join(user.folder, "out/app.d.ts"))).toBe(true);
  });

  test("finds a declaration for every type its own declarations name", () => {
    expect(readFileSync(join(user.folder, "out/app.d.ts"), "utf8")).not.toMatch(/import\("[^"]*(?:dist|chunks)/);
  });

  function compile(args: readonly string[]): string {
    try {
      return user.run(process.execPath, args);
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout);
    }
  }
});

describe("a user's CDK project", () => {
  test("in CommonJS embeds an App in its own stack", () => {
    const main = user.write(
      "infra.cjs",
      `const { App, Stack, aws_iam } = require("aws-cdk-lib");
      const { AppConstruct } = require("tenon/cdk");
      const app = new App({ outdir: "cdk.out", builtinCloudFormationValidation: false });
      const stack = new Stack(app, "Mine");
      const words = new AppConstruct(stack, "Words", { environment: "dev", entry: "app.ts" });
      const role = new aws_iam.Role(stack, "Caller", { assumedBy: new aws_iam.ServicePrincipal("ecs-tasks.amazonaws.com") });
      words.grantCall(role, "count");
      const view = words.functions.count;
      console.log(view instanceof require("aws-cdk-lib/aws-lambda").FunctionBase);
      app.synth();`,
    );
    expect(user.run(process.execPath, [main]).trim()).toBe("true");
    const { Resources } = JSON.parse(readFileSync(join(user.folder, "cdk.out/Mine.template.json"), "utf8")) as {
      Resources: Readonly<Record<string, { readonly Type: string }>>;
    };
    // Four Functions and the dispatcher.
    expect(Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function")).toHaveLength(5);
  });

  test("is told which App can't be made, and why", () => {
    const broken = user.write("broken.ts", `throw new TypeError("no model here");`);
    const main = user.write(
      "broken.cjs",
      `const { App, Stack } = require("aws-cdk-lib");
      const { AppConstruct } = require("tenon/cdk");
      try { new AppConstruct(new Stack(new App(), "Mine"), "Words", { environment: "dev", entry: ${JSON.stringify(broken)} }); }
      catch (error) { console.log(error.code, error.message); }`,
    );
    expect(user.run(process.execPath, [main])).toMatch(/^BUNDLE .*broken\.ts can't be made into an App: .*no model here/);
  });
});

describe("the command", () => {
  test("npx tenon --version prints the version", () => {
    expect(user.run("npx", ["--no-install", "tenon", "--version"]).trim()).toBe(manifest.version);
  });

  test("it is a file that a shell can run", () => {
    const bin = join(user.folder, "node_modules/.bin/tenon");
    expect(existsSync(bin)).toBe(true);
    expect(readFileSync(bin, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});

test("what is packed holds the license, and no sources, tests or state", () => {
  const packed = JSON.parse(user.run("npm", ["ls", "tenon", "--json"])) as { dependencies: Record<string, { version: string }> };
  expect(packed.dependencies["tenon"]?.version).toBe(manifest.version);
  for (const folder of ["src", "test", ".tenon", "scripts", "bench/run.js"]) {
    expect(existsSync(join(dirname(join(user.folder, "node_modules/tenon/package.json")), folder)), folder).toBe(false);
  }
  const license = readFileSync(join(user.folder, "node_modules/tenon/LICENSE"), "utf8");
  expect(license).toMatch(/^ +Apache License\n +Version 2\.0, January 2004\n/);
});
