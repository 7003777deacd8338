/**
 * What must stand in the place of a module that is left out of the asset for Lambda: each value that the module exports.
 * Of a class these are its static members, since none of the classes that are left out is ever made there by `new`.
 */
export type Replacement<Module> = {
  readonly [Name in keyof Module]: Module[Name] extends { readonly prototype: unknown } ? Statics<Module[Name]> : Module[Name];
};

type Statics<Class> = { readonly [Name in Exclude<keyof Class, "prototype">]: AsFunction<Class[Name]> };

/** A method as a function: of a method the compiler lets another one pass that takes less. */
type AsFunction<Method> = Method extends (...args: infer Args) => infer Result ? (...args: Args) => Result : Method;
