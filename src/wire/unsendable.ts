import { types } from "node:util";

/** What a function is, for the message that refuses it. */
export function describeFunction(fn: object): string {
  const text = Function.prototype.toString.call(fn);
  const name = (fn as { name?: unknown }).name;
  const what = text.startsWith("class") ? "a class" : "a function";
  return typeof name === "string" && name !== "" ? `${what} (${name})` : what;
}

/** What an object is that can't be sent, and what to do about it. */
export function describeObject(object: object): [what: string, hint: string] {
  if (types.isPromise(object)) return ["a promise", "Await it first."];
  if (types.isGeneratorObject(object))
    return ["a generator", "Collect what it yields into an array, or use an async generator as the Function."];
  if (types.isWeakMap(object) || types.isWeakSet(object))
    return [`a ${className(object)}`, "Send a Map or a Set of what the other side needs."];
  if (types.isBoxedPrimitive(object)) return [`a boxed primitive (${className(object)})`, "Send the primitive itself: value.valueOf()."];
  const streamLike = object as { pipe?: unknown; getReader?: unknown; getWriter?: unknown; write?: unknown };
  if (
    typeof streamLike.pipe === "function" ||
    typeof streamLike.getReader === "function" ||
    typeof streamLike.getWriter === "function" ||
    (typeof streamLike.write === "function" && "writable" in object)
  ) {
    return [`a stream (${className(object)})`, "Read it first and send the bytes, or send where the data can be read."];
  }
  return [`an instance of ${className(object)}`, "Send a plain object, or rebuild the instance on the other side."];
}

/** The name of an object's class, in words. */
export function className(object: object): string {
  const name: unknown = (object as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? name : "a class without a name";
}
