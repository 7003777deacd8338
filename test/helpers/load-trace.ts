/** A module for `--import` that writes `load <url>` to stderr for every module that is loaded. */
export const LOAD_TRACE = `data:text/javascript,${encodeURIComponent(
  `import { register } from "node:module"; register("data:text/javascript," + encodeURIComponent('import { writeSync } from "node:fs"; export async function load(url, context, next) { writeSync(2, "load " + url + "\\\\n"); return next(url, context); }'));`,
)}`;
