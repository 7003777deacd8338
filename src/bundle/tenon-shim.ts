import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Writes a package `tenon` whose entry points lead to the running copy, wherever the bundle lies. So there is one copy per
 * process, and registries and `instanceof` hold. It is a few files and not a link: tools that walk folders would follow a
 * link into Tenon, and from there into its own state folder.
 */
export function writeTenonShim(folder: string, tenonDir: string): void {
  const manifest = JSON.parse(readFileSync(join(tenonDir, "package.json"), "utf8")) as {
    name?: string;
    version?: string;
    exports?: Record<string, unknown>;
  };
  const exports: Record<string, string> = {};
  mkdirSync(folder, { recursive: true });
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    const file = targetOf(target);
    if (file === undefined || !/\.m?js$/.test(file)) continue;
    const name = entry === "." ? "index.js" : `${entry.slice(2).replaceAll("/", "-")}.js`;
    exports[entry] = `./${name}`;
    writeFileSync(join(folder, name), `export * from ${JSON.stringify(pathToFileURL(join(tenonDir, file)).href)};\n`);
  }
  exports["./package.json"] = "./package.json";
  const { name, version } = manifest;
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, type: "module", exports }));
}

// --- Internal helpers ---

function targetOf(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) return undefined;
  const { import: esm, node, default: fallback } = target as Record<string, unknown>;
  return targetOf(node) ?? targetOf(esm) ?? targetOf(fallback);
}
