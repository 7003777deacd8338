import { ERROR_CLASSES } from "../model/errors.ts";

/** The class of an error, however its constructor looks. */
export type ErrorClass = new (...args: never[]) => Error;

/** The language's own error classes. */
const BUILT_IN: Readonly<Record<string, ErrorClass>> = {
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
};

/** On globalThis, because a bundle writes its classes into it and imports nothing of ours to do so. */
const registered: Map<string, ErrorClass> = ((globalThis as { [key: symbol]: Map<string, ErrorClass> | undefined })[
  Symbol.for("tenon.errors.1")
] ??= new Map());

/** The modules of the classes that a bundle has registered. Two classes of one name are told apart by them. */
const modules: Map<ErrorClass, string> = ((globalThis as { [key: symbol]: Map<ErrorClass, string> | undefined })[
  Symbol.for("tenon.error-modules.1")
] ??= new Map());

/**
 * Lets errors of a user's class arrive as themselves: `instanceof` holds, own fields are there, and the
 * constructor does not run (so `#private` fields are not there).
 *
 * Needed only where no bundle is: `tenon run` and containers register the error classes of the App's files and of its
 * bundled packages by themselves, and `tenon/vite` those of the App's files. A plain script that calls an App registers them
 * by hand, or gets `RemoteError`s. A name that is registered twice means the later class. Names of the language's own
 * classes keep their meaning.
 *
 * @example
 * import { registerErrorClass } from "tenon";
 * import { app, PaymentDeclined, pay } from "./payments.js";
 *
 * registerErrorClass("PaymentDeclined", PaymentDeclined);
 * const run = await app.run();
 * await pay.remote(25_000).catch((error) => console.log(error instanceof PaymentDeclined));
 * await run.close();
 */
export function registerErrorClass(name: string, ctor: new (...a: never[]) => Error): void {
  registered.set(name, ctor);
}

/**
 * @internal The class that an error of this name arrives as; `tenon` tells Tenon's classes from a user's of the same name.
 * With a module it is the class of that module. If this process lacks that, it is another class of that name: of the
 * user's files for one of the user's files, and one that was registered by hand for one of a package.
 */
export function errorClass(name: string, tenon: boolean, module?: string): ErrorClass | undefined {
  if (tenon && Object.hasOwn(ERROR_CLASSES, name)) return ERROR_CLASSES[name as keyof typeof ERROR_CLASSES];
  const own = module === undefined ? undefined : [...modules].findLast(([ctor, from]) => from === module && ctor.name === name)?.[0];
  if (own !== undefined) return own;
  if (Object.hasOwn(BUILT_IN, name)) return BUILT_IN[name];
  const named = registered.get(name);
  return module?.startsWith("npm:") === true && named !== undefined && modules.has(named) ? undefined : named;
}

/** @internal The module that declares an error class, if a bundle has registered it. */
export function errorModule(ctor: unknown): string | undefined {
  return modules.get(ctor as ErrorClass);
}

/** @internal The nearest of the language's own classes that an error is an instance of. */
export function builtInClassName(error: object): string {
  for (let at: unknown = Object.getPrototypeOf(error); at !== null && at !== undefined; at = Object.getPrototypeOf(at)) {
    const name: unknown = (at as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === "string" && Object.hasOwn(BUILT_IN, name)) return name;
  }
  return "Error";
}
