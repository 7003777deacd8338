import { setErrorClassFinder, type ErrorClass } from "../wire/error-registry.ts";
import { searchErrorClass } from "./class-search.ts";
import { registry } from "./registry.ts";

/** Milliseconds before a class that was not found is searched for again: its module may have been loaded meanwhile. */
const MISS_TTL_MS = 5_000;

interface Answer {
  readonly errorClass: ErrorClass | undefined;
  /** How many Apps were declared then: a module that loads again declares its App again. */
  readonly apps: number;
  readonly atMs: number;
}

/**
 * Lets errors arrive as themselves in a process that has loaded the App's module without Tenon's bundler, such as a test, a
 * web server or a script: a class that nobody has registered is searched for in what the bodies of the declared Functions have
 * closed over. `own` holds what Tenon exports, which such a search must not go into.
 */
export function findErrorClassesOfApps(own: readonly unknown[]): void {
  const answers = new Map<string, Answer>();
  setErrorClassFinder((name) => {
    const { apps, role } = registry();
    // In a container the bundle has registered them.
    if (role === "container" || apps.length === 0) return undefined;
    const known = answers.get(name);
    const nowMs = Date.now();
    if (known?.apps === apps.length && (known.errorClass !== undefined || nowMs - known.atMs < MISS_TTL_MS)) return known.errorClass;
    const errorClass = searchErrorClass(name, apps, own);
    answers.set(name, { errorClass, apps: apps.length, atMs: nowMs });
    return errorClass;
  });
}
