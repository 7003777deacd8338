/** Gives a file, named relative to the source root, its `import.meta`. The sources do not bind the name, so esbuild renames what collides with it. */
export const SOURCE_FN = "__tenonSource";
/** Registers a class if it makes errors: called with it and with the module that declares it. */
export const ERROR_FN = "__tenonError";
/** What `import.meta` becomes in a file. */
export const META_NAME = "__tenonMeta";

/**
 * Makes {@link ERROR_FN}. A class of a package, and one without a name of its own, is known by its module alone: the user's
 * class of the same name is another one.
 */
export const ERROR_PRELUDE = `const __tenonErrors = globalThis[Symbol.for("tenon.errors.1")] ??= new Map(); const __tenonModules = globalThis[Symbol.for("tenon.error-modules.1")] ??= new Map(); const ${ERROR_FN} = (ctor, module) => { if (!(ctor.prototype instanceof Error)) return; __tenonModules.set(ctor, module); if (!module.startsWith("npm:") && ctor.name !== "" && ctor.name !== "default") __tenonErrors.set(ctor.name, ctor); };`;

/**
 * First lines of every app.mjs: `require` for bundled CommonJS, the meaning of `import.meta` in the user's files,
 * and the registry of the user's error classes.
 */
export const BANNER = `import { createRequire as __tenonCreateRequire } from "node:module";
import { dirname as __tenonDirname, join as __tenonJoin } from "node:path";
import { fileURLToPath as __tenonToPath, pathToFileURL as __tenonToUrl } from "node:url";
const require = __tenonCreateRequire(import.meta.url);
const __tenonRoot = globalThis[Symbol.for("tenon.source-roots.1")]?.get(import.meta.url);
const ${SOURCE_FN} = (path) => {
  const filename = __tenonRoot === undefined
    ? __tenonJoin(__tenonDirname(__tenonToPath(import.meta.url)), path.replace(/^(\\.\\.\\/)+/, ""))
    : __tenonJoin(__tenonRoot, path);
  const url = __tenonToUrl(filename).href;
  const resolve = (specifier) => {
    if (/^\\.{0,2}\\//.test(specifier) || /^[a-z]+:/.test(specifier)) return new URL(specifier, url).href;
    const found = __tenonCreateRequire(url).resolve(specifier);
    return found === specifier ? "node:" + found : __tenonToUrl(found).href;
  };
  return { __proto__: null, dirname: __tenonDirname(filename), filename, resolve, url };
};
${ERROR_PRELUDE}`;
