// Builds dist/lambda/: what lies in the asset of every App on Lambda. It needs no package, and a container loads as few
// files of it as can be.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build } from "esbuild";
import { linkChunks } from "./link.js";

/** @type {import("esbuild").BuildOptions} */
const OPTIONS = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node22",
  mainFields: ["module", "main"],
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
  // The AWS SDK loads it in browsers only.
  external: ["bowser"],
};

/** Parts of the AWS SDK are CommonJS that requires modules of Node. */
const WITH_REQUIRE = {
  banner: { js: 'import { createRequire as __tenonRequire } from "node:module"; const require = __tenonRequire(import.meta.url);' },
};

/**
 * Builds it into `dist/lambda` of Tenon's folder.
 *
 * @param {string} root
 */
export async function buildLambda(root) {
  const table = await loadTable(root);
  const { AWS_CHUNKS, ENVIRONMENT_CHUNKS, LONE_CHUNKS, NOUNS, RUNTIME_CHUNKS } = table;
  const families = [RUNTIME_CHUNKS, AWS_CHUNKS];
  /** @type {import("esbuild").BuildOptions} */
  const options = { ...OPTIONS, absWorkingDir: root, plugins: [chunkPlugin(root, table)] };
  const nounNames = Object.values(NOUNS).flatMap(({ names }) => names);
  const publicNames = (await exportsOf(root, "src/index.ts")).filter((name) => !nounNames.includes(name));

  /** @type {Record<string, string>} */
  const texts = {};
  for (const { chunks: members, root: first, shared } of families) {
    const entries = entriesOf(members);
    const isAws = first === AWS_CHUNKS.root;
    const groups = Object.values(NOUNS).map((noun) => [noun.file, ...Object.keys(noun.chunks)]);
    if (first === RUNTIME_CHUNKS.root) entries[first] = `export { ${publicNames.join(", ")} } from "./src/index.ts";\n${entries[first]}`;
    Object.assign(texts, await linkChunks({ root: first, shared, entries, groups }, isAws ? { ...options, ...WITH_REQUIRE } : options));
  }
  for (const [name, contents] of Object.entries(entriesOf({ ...LONE_CHUNKS, ...ENVIRONMENT_CHUNKS }))) {
    const stdin = { contents, resolveDir: root, sourcefile: name };
    texts[name] = (await build({ ...options, stdin, outfile: name, write: false })).outputFiles[0].text;
  }
  checkNouns(texts);
  const folder = join(root, "dist/lambda");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  // What an App means by `tenon`, where it uses no noun; src/bundle/asset.ts adds those.
  writeFileSync(join(folder, "tenon.js"), `export { ${publicNames.join(", ")} } from "../../${RUNTIME_CHUNKS.root}";\n`);
}

/**
 * The table of chunks, which is TypeScript: the oldest Node that builds Tenon does not read that.
 *
 * @param {string} root
 * @returns {Promise<typeof import("../../src/bundle/asset-chunks.ts")>}
 */
async function loadTable(root) {
  const entryPoints = [join(root, "src/bundle/asset-chunks.ts")];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: "esm", write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

/**
 * @param {string} root
 * @param {string} file
 */
async function exportsOf(root, file) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    write: false,
    outdir: "out",
    metafile: true,
  });
  return Object.values(metafile.outputs)[0]?.exports ?? [];
}

/**
 * @param {Readonly<Record<string, import("../../src/bundle/asset-chunks.ts").AssetChunk>>} chunks
 * @returns {Record<string, string>}
 */
function entriesOf(chunks) {
  const filled = Object.entries(chunks).filter(([, { sources }]) => sources.length > 0);
  return Object.fromEntries(
    filled.map(([name, { sources }]) => [name, sources.map((source) => `export * from "./${source}";`).join("\n")]),
  );
}

/** What stands for a noun where another module only hands it on; no chunk may hold it. */
const ELSEWHERE = "tenon-noun-elsewhere";

/**
 * Puts replacements in the place of what is left out, and leads dynamic imports of a chunk's modules to that chunk.
 *
 * @param {string} root
 * @param {typeof import("../../src/bundle/asset-chunks.ts")} table
 * @returns {import("esbuild").Plugin}
 */
function chunkPlugin(root, { ASSET_CHUNKS, LEFT_OUT, NOUNS }) {
  const chunkOf = new Map(Object.entries(ASSET_CHUNKS).flatMap(([name, { sources }]) => sources.map((source) => [source, name])));
  /** @type {Map<string, readonly string[]>} */
  const nouns = new Map(Object.values(NOUNS).flatMap(({ chunks, file, names }) => chunks[file].sources.map((source) => [source, names])));
  return {
    name: "chunks",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /./ }, ({ importer, kind, namespace, path, resolveDir }) => {
        // Tenon's own imports name files as they are, so that no search is needed.
        const isOwn = path.startsWith(".") && !importer.includes("node_modules");
        const file = isOwn ? relative(root, join(resolveDir, path)).replaceAll(sep, "/") : path;
        if (kind === "dynamic-import" && chunkOf.has(file)) return { path: `./${chunkOf.get(file)}`, external: true };
        // A chunk's own modules are what it is made of.
        if (namespace === "entry") return undefined;
        if (LEFT_OUT[file] !== undefined) return { path: join(root, LEFT_OUT[file]) };
        if (kind === "dynamic-import") return undefined;
        return nouns.has(file) ? { path: file, namespace: ELSEWHERE } : undefined;
      });
      onLoad({ filter: /./, namespace: ELSEWHERE }, ({ path }) => ({
        contents:
          nouns
            .get(path)
            ?.map((name) => `export const ${name} = "${ELSEWHERE}";`)
            .join("\n") ?? "",
        loader: "js",
      }));
    },
  };
}

/**
 * Throws when a chunk uses a noun that is in a chunk of its own: it would find something else.
 *
 * @param {Readonly<Record<string, string>>} texts
 */
function checkNouns(texts) {
  const [name] = Object.entries(texts).find(([, text]) => text.includes(ELSEWHERE)) ?? [];
  if (name !== undefined) throw new TypeError(`${name} uses a noun that has a chunk of its own. It may only hand it on.`);
}
