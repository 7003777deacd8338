import { OUTSIDE_WORLD, PACKAGES, PURE_ROOMS, ROOMS } from "./rooms.ts";
import type { Finding, Import, Source } from "./source.ts";

/** The room of a file of `src`: its folder, or the file itself when it lies directly there. */
export function roomOf(path: string): string {
  return path.split("/")[1] ?? path;
}

/** Files in a room that the table does not know. */
export function unknownRooms(files: readonly Source[]): readonly Finding[] {
  return files
    .filter((file) => ROOMS[roomOf(file.path)] === undefined)
    .map((file) => `${file.path} is in a room that the table does not name`);
}

/** Imports that go against the table: upwards, aside, or at once where only a lazy one is allowed. */
export function wrongDirection(files: readonly Source[]): readonly Finding[] {
  return crossings(files).flatMap(({ file, imported, from, to, target }) => {
    const room = ROOMS[from];
    const place = `${file.path}:${imported.line} ${from} imports ${to}`;
    if (room?.imports.includes(to)) {
      const only = room.only?.[to];
      return only === undefined || only.test(target) ? [] : [`${place}, of which it may read ${only.source}`];
    }
    if (room?.lazily?.includes(to)) return imported.lazy || imported.typeOnly ? [] : [`${place} at once; it may do so by import() only`];
    return [place];
  });
}

/** Imports past the door of a room that has one. */
export function pastTheDoor(files: readonly Source[]): readonly Finding[] {
  return crossings(files).flatMap(({ file, imported, from, to, target }) => {
    if (ROOMS[to]?.openTo?.includes(from)) return [];
    const doors = ROOMS[to]?.doors ?? (files.some((other) => other.path === `src/${to}/index.ts`) ? ["index.ts"] : undefined);
    if (doors === undefined || doors.some((door) => target === `src/${to}/${door}`)) return [];
    return [`${file.path}:${imported.line} imports ${target} past ${doors.join(" and ")}`];
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

/** Disk, network or processes in a room of pure data. */
export function impureImports(files: readonly Source[]): readonly Finding[] {
  return files
    .filter((file) => PURE_ROOMS.includes(roomOf(file.path)))
    .flatMap((file) =>
      file.imports.filter(({ specifier }) => OUTSIDE_WORLD.test(specifier)).map((i) => `${file.path}:${i.line} imports ${i.specifier}`),
    );
}

/** Every `export * from`: a door lists its names by hand. */
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
      if (target === undefined) return [];
      const from = roomOf(file.path);
      const to = target.startsWith("src/") ? roomOf(target) : target;
      return from === to ? [] : [{ file, imported, from, to, target }];
    }),
  );
}
