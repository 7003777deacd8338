import { ERROR_CLASSES, InvalidError } from "../model/errors.ts";
import { showValue } from "../util/show-value.ts";

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
 * Lets errors of a class arrive as themselves where Tenon does not find the class by itself.
 *
 * `tenon run`, containers and `tenon/vite` register the top-level error classes of the App's files. Where the App's module is
 * loaded in another way (a test, a web server, a script), the classes that the bodies of its Functions lead to are found when
 * an error of them comes. Not found are classes of a module that is not loaded there, such as one that a body imports while it
 * runs, and classes whose names a minifier has changed.
 *
 * The error is then an instance of the class with its own fields; the constructor does not run, so `#private` fields are not
 * there. The name is that of the class where the error is thrown. A name that is registered twice means the later class; names
 * of the language's own classes keep their meaning. Throws `InvalidError` for what is no error class.
 *
 * @example
 * import { registerErrorClass, RemoteFunction } from "tenon";
 * import { PaymentDeclined } from "./errors.ts";
 *
 * registerErrorClass(PaymentDeclined);
 * const pay = RemoteFunction.fromName<(cents: number) => Promise<void>>("payments", "pay");
 * await pay.remote(25_000).catch((error) => console.log(error instanceof PaymentDeclined));
 */
export function registerErrorClass(ctor: new (...a: never[]) => Error): void;
export function registerErrorClass(name: string, ctor: new (...a: never[]) => Error): void;
export function registerErrorClass(name: string | ErrorClass, ctor?: ErrorClass): void {
  const errorClass = typeof name === "function" ? name : ctor;
  if (typeof errorClass !== "function")
    throw new InvalidError(`registerErrorClass: the class is ${showValue(errorClass)}. It must be a class that extends Error.`);
  const known = typeof name === "function" ? name.name : name;
  if (known === "")
    throw new InvalidError("registerErrorClass: the class has no name.", { hint: 'Write registerErrorClass("Name", class).' });
  registered.set(known, errorClass);
}

let find: ((name: string) => ErrorClass | undefined) | undefined;

/** @internal Says who is asked for a class that nobody has registered. */
export function setErrorClassFinder(finder: (name: string) => ErrorClass | undefined): void {
  find = finder;
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
  const ofPackage = module?.startsWith("npm:") === true;
  return ofPackage && named !== undefined && modules.has(named) ? undefined : (named ?? find?.(name));
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
