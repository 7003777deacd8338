// Links the chunks of a family: esbuild finds out what they share, and cuts it into as many files as there are
// combinations of them. A container should open few files, so each piece is then put into one of the named chunks.
import { posix } from "node:path";
import { build } from "esbuild";

/** Where the pieces of the first pass seem to lie. */
const PIECES = "/pieces";

/**
 * @typedef {object} Family
 * @property {string} root The chunk that holds all that it reaches itself, and what is loaded with it and others need too.
 * @property {string} shared The chunk that holds what several others share that are loaded later.
 * @property {readonly (readonly string[])[]} [groups] Chunks that come together. The first of each is loaded with the root, and
 *   holds what only its group shares.
 * @property {Readonly<Record<string, string>>} entries The entry of each chunk that has one, as source text of JavaScript.
 */

/**
 * Builds the chunks of a family; gives the text of each by its name. `options` are esbuild's, for both passes. Imports that
 * are external stay as they are.
 *
 * @param {Family} family
 * @param {import("esbuild").BuildOptions} options
 * @returns {Promise<Record<string, string>>}
 */
export async function linkChunks(family, options) {
  const pieces = await cut(family.entries, options);
  const chunkOf = assign(pieces, family);
  const names = exportedNames(pieces, chunkOf);
  /** @type {Record<string, string>} */
  const chunks = {};
  for (const chunk of new Set(chunkOf.values())) chunks[chunk] = await join(chunk, pieces, chunkOf, names, options);
  return chunks;
}

/**
 * @typedef {object} Piece
 * @property {string} text
 * @property {string | undefined} entry The chunk whose entry it is.
 * @property {readonly string[]} imports The names of the pieces that it imports.
 */

/**
 * The first pass: a piece for each entry, and one for each combination of entries that share something.
 *
 * @param {Readonly<Record<string, string>>} entries
 * @param {import("esbuild").BuildOptions} options
 * @returns {Promise<ReadonlyMap<string, Piece>>}
 */
async function cut(entries, options) {
  const { metafile, outputFiles } = await build({
    ...options,
    entryPoints: Object.keys(entries).map((chunk) => ({ in: `entry:${chunk}`, out: `entry-${chunk}` })),
    outdir: PIECES,
    chunkNames: "piece-[hash]",
    splitting: true,
    minify: false,
    banner: {},
    write: false,
    metafile: true,
    plugins: [virtual("entry", entries, options.absWorkingDir), ...(options.plugins ?? [])],
  });
  const texts = new Map(outputFiles.map((file) => [posix.basename(file.path), file.text]));
  return new Map(
    Object.entries(metafile.outputs).map(([path, { imports }]) => {
      const name = posix.basename(path);
      const entry = /^entry-(.*)\.js$/.exec(name)?.[1];
      const inner = imports.filter((each) => !each.external).map((each) => posix.basename(each.path));
      return [name, { text: texts.get(name) ?? "", entry, imports: inner }];
    }),
  );
}

/**
 * Says which chunk each piece goes to.
 *
 * @param {ReadonlyMap<string, Piece>} pieces
 * @param {Family} family
 * @returns {ReadonlyMap<string, string>}
 */
function assign(pieces, { groups = [], root, shared }) {
  /** @type {Map<string, Set<string>>} */
  const reachedBy = new Map();
  for (const [name, { entry }] of pieces) if (entry !== undefined) reach(name, entry);
  /** @type {(name: string, chunk: string) => void} */
  function reach(name, chunk) {
    const chunks = reachedBy.get(name) ?? new Set();
    if (chunks.has(chunk)) return;
    reachedBy.set(name, chunks.add(chunk));
    for (const imported of pieces.get(name)?.imports ?? []) reach(imported, chunk);
  }
  /** @type {(chunks: readonly string[]) => string} */
  function holderOf(chunks) {
    const group = groups.find((members) => chunks.every((chunk) => members.includes(chunk)));
    if (chunks.includes(root)) return root;
    if (chunks.length === 1) return /** @type {string} */ (chunks[0]);
    if (group !== undefined) return /** @type {string} */ (group[0]);
    // The shared chunk is loaded later than the first of a group.
    return groups.some(([first = ""]) => chunks.includes(first)) ? root : shared;
  }
  return new Map([...reachedBy].map(([name, chunks]) => [name, holderOf([...chunks])]));
}

/**
 * Short names under which a chunk gives out what other chunks import of its pieces, by piece and name.
 *
 * @param {ReadonlyMap<string, Piece>} pieces
 * @param {ReadonlyMap<string, string>} chunkOf
 * @returns {ReadonlyMap<string, ReadonlyMap<string, string>>}
 */
function exportedNames(pieces, chunkOf) {
  /** @type {Map<string, Map<string, string>>} */
  const names = new Map();
  let count = 0;
  for (const [importer, { text }] of pieces) {
    // As esbuild writes an import: `import {\n  a,\n  b as c\n} from "./piece-ABC.js";`
    for (const [, list = "", from = ""] of text.matchAll(/^import \{([^}]*)\} from "\.\/([^"]+)";$/gm)) {
      if (chunkOf.get(importer) === chunkOf.get(from)) continue;
      const known = names.get(from) ?? new Map();
      names.set(from, known);
      for (const each of list.split(",")) {
        const name = each.trim().split(" as ")[0] ?? "";
        if (!known.has(name)) known.set(name, `$${(count++).toString(36)}`);
      }
    }
  }
  return names;
}

/**
 * The second pass: one chunk, of its entry and of the pieces that were put into it.
 *
 * @param {string} chunk
 * @param {ReadonlyMap<string, Piece>} pieces
 * @param {ReadonlyMap<string, string>} chunkOf
 * @param {ReadonlyMap<string, ReadonlyMap<string, string>>} names
 * @param {import("esbuild").BuildOptions} options
 * @returns {Promise<string>}
 */
async function join(chunk, pieces, chunkOf, names, options) {
  const own = [...pieces].filter(([name]) => chunkOf.get(name) === chunk);
  const contents = own.map(([name, { entry }]) => {
    const given = [...(names.get(name) ?? [])].map(([inside, outside]) => `${inside} as ${outside}`);
    return `${entry === chunk ? `export * from "./${name}";\n` : ""}export { ${given.join(", ")} } from "./${name}";`;
  });
  /** @type {Record<string, string>} */
  const texts = {};
  for (const [name, piece] of pieces) {
    const from = chunkOf.get(name);
    const list = [...(names.get(name) ?? [])].map(([inside, outside]) => `${outside} as ${inside}`).join(", ");
    texts[`./${name}`] = from === chunk ? piece.text : `export { ${list} } from "./${from}";`;
  }
  const { outputFiles } = await build({
    ...options,
    stdin: { contents: contents.join("\n"), resolveDir: options.absWorkingDir ?? ".", sourcefile: chunk },
    outfile: chunk,
    write: false,
    plugins: [virtual("piece", texts, undefined), externalFiles],
  });
  return outputFiles[0].text;
}

/**
 * Modules that exist as text only: `kind:name`, or those that the table names as they are.
 *
 * @param {string} kind
 * @param {Readonly<Record<string, string>>} texts
 * @param {string | undefined} resolveDir
 * @returns {import("esbuild").Plugin}
 */
function virtual(kind, texts, resolveDir) {
  const nameOf = (/** @type {string} */ path) => path.replace(`${kind}:`, "");
  return {
    name: `virtual-${kind}`,
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /./ }, ({ path }) => (Object.hasOwn(texts, nameOf(path)) ? { path: nameOf(path), namespace: kind } : undefined));
      onLoad({ filter: /./, namespace: kind }, ({ path }) => ({
        contents: texts[path] ?? "",
        loader: "js",
        ...(resolveDir && { resolveDir }),
      }));
    },
  };
}

/** Files beside the chunk: other chunks. @type {import("esbuild").Plugin} */
const externalFiles = {
  name: "external-files",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\// }, ({ path }) => ({ path, external: true }));
  },
};
