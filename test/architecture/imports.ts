import { LADDERS, LAYERS, OUTSIDE, PACKAGES, PURE_LAYERS, REPLACEMENTS } from "./layers.ts";
import type { Finding, Import, Source } from "./source.ts";

/** The layer of a file of `src`: its folder, or the file itself when it lies directly there. */
export function layerOf(path: string): string {
  return path.split("/")[1] ?? path;
}

/** Files in a layer that the table does not know. */
export function unknownLayers(files: readonly Source[]): readonly Finding[] {
  return files
    .filter((file) => LAYERS[layerOf(file.path)] === undefined)
    .map((file) => `${file.path} is in a layer that the table does not name`);
}

/** Imports that go against the table: upwards, aside, or at once where only a lazy one is allowed. */
export function wrongDirection(files: readonly Source[]): readonly Finding[] {
  return crossings(files).flatMap(({ file, imported, from, to, target }) => {
    const layer = LAYERS[from];
    const place = `${file.path}:${imported.line} ${from} imports ${to}`;
    if (layer?.imports.includes(to)) {
      const only = layer.only?.[to];
      return only === undefined || only.test(target) ? [] : [`${place}, of which it may read ${only.source}`];
    }
    if (layer?.lazily?.includes(to)) return imported.lazy || imported.typeOnly ? [] : [`${place} at once; it may do so by import() only`];
    return [place];
  });
}

/** Imports past the entry point of a layer that has one. */
export function pastTheEntryPoint(files: readonly Source[]): readonly Finding[] {
  return crossings(files).flatMap(({ file, imported, from, to, target }) => {
    if (LAYERS[to]?.openTo?.includes(from)) return [];
    const entryPoints = LAYERS[to]?.entryPoints ?? (files.some((other) => other.path === `src/${to}/index.ts`) ? ["index.ts"] : undefined);
    if (entryPoints === undefined || entryPoints.some((entry) => target === `src/${to}/${entry}`)) return [];
    return [`${file.path}:${imported.line} imports ${target} past ${entryPoints.join(" and ")}`];
  });
}

/** Imports up or along a ladder of folders inside a layer, from a folder to the layer's own files, and folders that are on no rung. */
export function upTheLadder(files: readonly Source[]): readonly Finding[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    const ladder = LADDERS[layer];
    const folder = folderOf(file.path, layer);
    if (ladder === undefined || folder === undefined) return [];
    const rung = ladder.findIndex((folders) => folders.includes(folder));
    if (rung < 0) return [`${file.path} is in a folder that the ladder of ${layer} does not name`];
    const below = ladder.slice(rung + 1).flat();
    return file.imports.flatMap(({ target, line }) => {
      if (target === undefined || layerOf(target) !== layer) return [];
      const to = folderOf(target, layer);
      if (to === folder || (to !== undefined && below.includes(to))) return [];
      return [`${file.path}:${line} ${folder} imports ${to ?? target}, which is not below it`];
    });
  });
}

/** Packages imported where the table does not allow them, and packages it does not name. */
export function wrongPackages(files: readonly Source[]): readonly Finding[] {
  return files.flatMap((file) =>
    file.imports.flatMap(({ specifier, target, line }) => {
      if (target !== undefined || specifier.startsWith("node:")) return [];
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      const allowed = PACKAGES[name] ?? PACKAGES[name.replace(/\/.*/, "/*")];
      if (allowed === undefined) return [`${file.path}:${line} imports ${name}, a package that the table does not name`];
      return allowed.some((pattern) => pattern.test(file.path)) ? [] : [`${file.path}:${line} imports ${name}`];
    }),
  );
}

/** Disk, network or processes in a layer of pure data. */
export function impureImports(files: readonly Source[]): readonly Finding[] {
  return files
    .filter((file) => PURE_LAYERS.includes(layerOf(file.path)))
    .flatMap((file) =>
      file.imports.filter(({ specifier }) => OUTSIDE.test(specifier)).map((i) => `${file.path}:${i.line} imports ${i.specifier}`),
    );
}

/** Every `export * from`: an entry point lists its names by hand. */
export function exportStars(files: readonly Source[]): readonly Finding[] {
  return files.flatMap((file) =>
    file.body
      .filter((node) => node.type === "ExportAllDeclaration")
      .map((node) => `${file.path} exports * from ${(node["source"] as { value: string }).value}`),
  );
}

/** Relative imports that name no file, and ones that leave out its ending. */
export function danglingImports(files: readonly Source[]): readonly Finding[] {
  const paths = new Set(files.map((file) => file.path));
  return files.flatMap((file) =>
    file.imports
      .filter(({ target }) => target !== undefined && !paths.has(target))
      .map((imported) => `${file.path}:${imported.line} imports ${imported.specifier}, which is no file of src`),
  );
}

/** The folder of a layer that a file is in; `undefined` for one that lies directly in the layer. */
function folderOf(path: string, layer: string): string | undefined {
  const [folder, file] = path.slice(`src/${layer}/`.length).split("/");
  return file === undefined ? undefined : folder;
}

interface Crossing {
  readonly file: Source;
  readonly imported: Import;
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

function crossings(files: readonly Source[]): readonly Crossing[] {
  return files.flatMap((file) =>
    file.imports.flatMap((imported) => {
      const { target } = imported;
      if (target === undefined || ((imported.typeOnly || imported.lazy) && REPLACEMENTS.test(file.path))) return [];
      const from = layerOf(file.path);
      const to = target.startsWith("src/") ? layerOf(target) : target;
      return from === to ? [] : [{ file, imported, from, to, target }];
    }),
  );
}
