/** The part of Vite's plugin interface that {@link tenon} fills; Vite itself is not a dependency. */
export interface TenonVitePlugin {
  readonly name: string;
  readonly enforce: "pre";
  transform(code: string, id: string): Promise<{ code: string; map: string | null } | undefined>;
}

/**
 * A plugin for Vite and Vitest that does for an App's files what Tenon's own bundler does for them.
 *
 * It lowers standard decorators (`@method()`, `@enter()`, …), which the transformer of Vitest leaves in place and Node
 * refuses. They get their TC39 meaning whatever `experimentalDecorators` in tsconfig.json says. It also registers the
 * top-level error classes of your files. Tests need it for decorators only: most error classes are found without it, see
 * `registerErrorClass`.
 *
 * Files that hold neither stay as they are, and so do those of packages. Vite lowers all other syntax. Stacks keep pointing
 * at the source.
 *
 * @example
 * // vitest.config.ts
 * import { tenon } from "tenon/vite";
 * import { defineConfig } from "vitest/config";
 *
 * export default defineConfig({ plugins: [tenon()] });
 */
export function tenon(): TenonVitePlugin {
  return {
    name: "tenon",
    enforce: "pre",
    async transform(code, id) {
      const loader = loaderOf(id);
      if (loader === undefined) return undefined;
      const decorated = mayHoldDecorator(code);
      if (!decorated && (id.includes("/node_modules/") || !/\bextends\b/.test(code))) return undefined;
      const { markErrorClasses, withInlineMap } = await import("./bundle/index.ts");
      const marked = id.includes("/node_modules/") ? undefined : await markErrorClasses(code, loader, id);
      if (!decorated) return marked;
      const { transform } = await import("esbuild");
      const lowered = await transform(marked === undefined ? code : withInlineMap(marked), {
        loader,
        format: "esm",
        // Everything but decorators passes through, for Vite to lower to the target it was given.
        target: "esnext",
        supported: { decorators: false },
        jsx: "preserve",
        keepNames: true,
        sourcefile: id,
        sourcemap: "external",
      });
      return { code: lowered.code, map: lowered.map };
    },
  };
}

const LOADERS = { js: "js", mjs: "js", cjs: "js", jsx: "jsx", ts: "ts", mts: "ts", cts: "ts", tsx: "tsx" } as const;

function loaderOf(id: string): (typeof LOADERS)[keyof typeof LOADERS] | undefined {
  const extension = /\.([cm]?[jt]s|[jt]sx)$/.exec(id)?.[1];
  return extension === undefined || id.startsWith("\0") ? undefined : LOADERS[extension as keyof typeof LOADERS];
}

/**
 * Whether a file may hold a decorator. In doubt it says yes: lowering a file without one changes nothing. Doc tags and the
 * names of scoped packages do not count, since nearly every file has some.
 */
function mayHoldDecorator(code: string): boolean {
  if (!code.includes("@")) return false;
  const withoutDocs = code.replace(/^[ \t]*\/\*\*\s[\s\S]*?\*\//gm, "").replace(/^[ \t]*\/\/.*$/gm, "");
  return /(?:^|[\s;{}(),])@[\p{ID_Start}$_(]/mu.test(withoutDocs);
}
