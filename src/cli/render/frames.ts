import { relative } from "node:path";
import { tenonDir } from "../../util/package-dir.ts";

/** The first line of a stack that is in a user's file, as `charge (shop.ts:12:11)`; paths below the working folder are relative. */
export function firstUserFrame(stack: string | undefined): string | undefined {
  for (const line of stack?.split("\n") ?? []) {
    const frame = /^\s+at (.+)$/.exec(line)?.[1];
    if (frame === undefined || /node:|<anonymous>|[\\/]node_modules[\\/]|^native|^\[/.test(frame)) continue;
    if (isOwn(frame)) continue;
    return frame.replace(/(?:file:\/\/)?(\/[^():]+)(?=:\d+:\d+\)?$)/, (path) => shorten(path));
  }
  return undefined;
}

// --- Internal helpers ---

/** Files of Tenon's own that lie beside an App's code on Lambda. */
const BESIDE_THE_APP = /\/(?:runtime|aws)\.mjs:\d+:\d+\)?$/;

/** Where an App's files lie on Lambda, at their path relative to its package. */
const TASK_ROOT = "/var/task/";

function isOwn(frame: string): boolean {
  return frame.includes(`${tenonDir()}/dist/`) || frame.includes(`${tenonDir()}/src/`) || BESIDE_THE_APP.test(frame);
}

function shorten(path: string): string {
  const plain = path.startsWith("file://") ? path.slice(7) : path;
  if (plain.startsWith(TASK_ROOT)) return plain.slice(TASK_ROOT.length);
  const short = relative(process.cwd(), plain);
  return short.startsWith("..") ? plain : short;
}
