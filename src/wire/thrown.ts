import { inspect } from "node:util";
import { builtInClassName } from "./error-registry.ts";

// What was thrown may be anything, and may throw when it is read.

/** Whether a value is an error, of this realm or another. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** A property, or what `failed` makes of what its getter throws. */
export function read(from: object, key: string, failed: (thrown: unknown) => unknown = () => undefined): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch (thrown) {
    return failed(thrown);
  }
}

/** The value when it is a string. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The message of an error as a string; code may have set it to anything. */
export function messageText(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null || typeof value === "object" || typeof value === "function" ? "" : inspect(value);
}

/** The name of a value's class, or of its type when it has none. */
export function className(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object" && typeof value !== "function") return typeof value;
  const constructor = read(value, "constructor");
  const name = typeof constructor === "function" ? text(read(constructor, "name")) : undefined;
  // Node's own errors have classes that nobody can name in a `catch`.
  if (name === "NodeError" || name === "SystemError" || name === undefined || name === "")
    return isError(value) ? builtInClassName(value) : "Object";
  return name;
}

/** What was thrown, in at most 300 characters. */
export function oneLine(thrown: unknown): string {
  try {
    return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 300);
  } catch {
    return "something unreadable";
  }
}
