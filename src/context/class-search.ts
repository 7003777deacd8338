import { types } from "node:util";
import { ERROR_CLASSES } from "../model/errors.ts";
import { openScopeReader, type ScopeReader, type SomeFunction } from "../util/closure-scopes.ts";
import type { ErrorClass } from "../wire/error-registry.ts";
import type { DeclaredApp } from "./declared-app.ts";

/** Functions that one search looks into, the nearest ones. */
const MAX_FUNCTIONS = 400;
/** Milliseconds after which one search gives up. */
const MAX_SEARCH_MS = 100;
/** How deep a search goes into objects that hold functions. */
const MAX_DEPTH = 2;

/**
 * The error class of this name that a Function of these Apps can throw, as far as its body leads to it.
 *
 * The language has no list of the classes of a module. But each body has closed over the classes that it throws and the
 * functions that it calls, and those over theirs: the search follows these scopes in widening rings, from the youngest App on,
 * through functions, modules, classes and their instances. It does not find a class of a module that a body imports only when
 * it runs. `own` is not gone into.
 */
export function searchErrorClass(name: string, apps: readonly DeclaredApp[], own: readonly unknown[]): ErrorClass | undefined {
  const reader = openScopeReader();
  if (reader === undefined) return undefined;
  try {
    const handles = apps.flatMap((app) => [...app.functions.values()]);
    const search = new ClassSearch(name, reader, [...own, ...apps, ...handles]);
    return search.from(apps.toReversed().flatMap((app) => [...app.functions.values()].map(({ local }) => local)));
  } finally {
    reader.close();
  }
}

// --- Internal helpers ---

class ClassSearch {
  readonly #name: string;
  readonly #reader: ScopeReader;
  readonly #seen: Set<unknown>;
  readonly #queue: SomeFunction[] = [];
  #found: ErrorClass | undefined;

  constructor(name: string, reader: ScopeReader, seen: readonly unknown[]) {
    this.#name = name;
    this.#reader = reader;
    this.#seen = new Set(seen);
  }

  from(bodies: readonly SomeFunction[]): ErrorClass | undefined {
    const endsAtMs = performance.now() + MAX_SEARCH_MS;
    for (const body of bodies) this.#look(body, 0);
    for (const fn of this.#queue) {
      if (this.#found !== undefined || performance.now() > endsAtMs) break;
      for (const scope of this.#reader.scopesOf(fn)) this.#lookInto(scope, 0);
    }
    return this.#found;
  }

  #look(value: unknown, depth: number): void {
    if (this.#found !== undefined || value === null || (typeof value !== "object" && typeof value !== "function")) return;
    // An object too deep to be gone into may be met again, nearer.
    if (this.#seen.has(value) || types.isProxy(value) || (typeof value === "object" && depth >= MAX_DEPTH)) return;
    this.#seen.add(value);
    if (typeof value === "function") this.#lookAtFunction(value as SomeFunction);
    else this.#lookAtObject(value, depth);
  }

  #lookAtFunction(fn: SomeFunction): void {
    if (isErrorClass(fn) && ownValue(fn, "name") === this.#name) this.#found = fn;
    else if (this.#queue.length < MAX_FUNCTIONS) this.#queue.push(fn);
  }

  #lookAtObject(object: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null || Array.isArray(object);
    if (isPlain || isModule(object)) this.#lookInto(object, depth + 1);
    // What an instance can throw, its class can.
    else this.#look(ownValue(prototype as object, "constructor"), depth);
  }

  #lookInto(holder: object, depth: number): void {
    const readable = isModule(holder);
    for (const key of Object.keys(holder)) this.#look(readable ? exported(holder, key) : ownValue(holder, key), depth);
  }
}

/** Whether instances of a function are errors, and its name is not one of Tenon's own errors. */
function isErrorClass(fn: SomeFunction): fn is SomeFunction & ErrorClass {
  if (Object.values<unknown>(ERROR_CLASSES).includes(fn)) return false;
  for (let at = ownValue(fn, "prototype"); typeof at === "object" && at !== null; at = Object.getPrototypeOf(at) as unknown) {
    // An Error of another realm is known by its name.
    const made = ownValue(at, "constructor");
    if (made === Error || (typeof made === "function" && ownValue(made, "name") === "Error")) return true;
  }
  return false;
}

/** A namespace, of the language's own modules or as bundlers and test runners make them: its getters only give exports. */
function isModule(object: object): boolean {
  return (
    types.isModuleNamespaceObject(object) || ownValue(object, Symbol.toStringTag) === "Module" || ownValue(object, "__esModule") === true
  );
}

/** A property's value, without running what computes it. */
function ownValue(object: object, key: PropertyKey): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value as unknown;
}

function exported(module: object, key: string): unknown {
  try {
    return (module as Readonly<Record<string, unknown>>)[key];
  } catch {
    // It has not been made yet: the module is still loading.
    return undefined;
  }
}
