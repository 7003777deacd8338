import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import type { EncodedError, EncodedValue } from "../model/encoded.ts";
import { RemoteError, TenonError } from "../model/errors.ts";
import { decode, encodeInline } from "./codec.ts";
import { errorClass, errorModule } from "./error-registry.ts";
import { MAX_CAUSE_DEPTH, MAX_ERRORS_IN_ERROR, MAX_ERROR_FIELD_BYTES, MAX_ERROR_FIELD_CHARS } from "./limits.ts";
import { className, isError, messageText, oneLine, read, text } from "./thrown.ts";

const BRAND = Symbol.for("tenon.error");

/** Fields that have a place of their own in what is sent, or that must not be set from outside. */
const RESERVED = new Set(["name", "message", "stack", "cause", "errors", "constructor", "__proto__", "toString", "toJSON", "then"]);

/** The line between the frames of the other side and the caller's own. */
const SEAM = "    at [remote call]";

/** Errors being encoded, innermost last: one that is met again is a cycle. */
const open: unknown[] = [];
let count = 0;

/**
 * Encodes an error, or anything else that was thrown. Never throws.
 *
 * Kept: class name, name, message, stack (through `mapStack`), cause, own enumerable fields, `errors` of an
 * AggregateError, and the code of a Tenon error. A field that can't be sent, or is larger than 64 KiB of bytes or
 * 1 MiB of text, becomes a note saying why. A thrown value that is no error is the `cause` of the result.
 */
export function encodeError(error: unknown, options: { mapStack?: (stack: string) => string } = {}): EncodedError {
  if (open.length === 0) count = 0;
  count += 1;
  if (open.includes(error)) return { className: "Error", message: "[the same error again: a cycle]" };
  if (open.length >= MAX_CAUSE_DEPTH || count > MAX_ERRORS_IN_ERROR) return { className: "Error", message: "[more errors were not sent]" };
  open.push(error);
  try {
    return isError(error) ? encodeTrueError(error, options) : encodeThrown(error);
  } catch {
    // Only a hostile object gets here, such as a revoked proxy.
    return { className: "Error", message: "[an error that could not be read]" };
  } finally {
    open.pop();
  }
}

function encodeThrown(value: unknown): EncodedError {
  let shown: string;
  try {
    shown = inspect(value, { depth: 2, breakLength: Infinity, maxStringLength: 200, maxArrayLength: 10 });
  } catch {
    shown = typeof value;
  }
  return { className: className(value), message: `Something other than an Error was thrown: ${shown}`, cause: encodeField(value, "cause") };
}

function encodeTrueError(error: Error, options: { mapStack?: (stack: string) => string }): EncodedError {
  const tenon = TenonError.is(error);
  const name = text(read(error, "name"));
  const kind = className(error);
  const encoded: { -readonly [K in keyof EncodedError]: EncodedError[K] } = {
    className: kind,
    message: messageText(read(error, "message")),
  };
  const module = errorModule(read(error, "constructor"));
  if (module !== undefined) encoded.module = module;
  if (name !== undefined && name !== "" && name !== kind) encoded.name = name;
  const stack = text(read(error, "stack"));
  if (stack !== undefined) encoded.stack = mapped(stack, options.mapStack);
  if (tenon) encoded.code = text(read(error, "code")) ?? "REMOTE";
  const fields = encodeFields(error, tenon);
  if (fields !== undefined) encoded.fields = fields;
  const cause = Object.hasOwn(error, "cause") ? read(error, "cause") : undefined;
  if (cause !== undefined) encoded.cause = isError(cause) ? encodeError(cause, options) : encodeField(cause, "cause");
  const errors = Object.hasOwn(error, "errors") ? read(error, "errors") : undefined;
  if (Array.isArray(errors) && error instanceof AggregateError)
    encoded.errors = errors.slice(0, MAX_ERRORS_IN_ERROR).map((each) => encodeError(each, options));
  return encoded;
}

function encodeFields(error: Error, tenon: boolean): EncodedValue | undefined {
  const fields: Record<string, unknown> = {};
  let some = false;
  let clean = true;
  const isAggregate = error instanceof AggregateError;
  for (const key of Object.keys(error)) {
    if ((RESERVED.has(key) && (key !== "errors" || isAggregate)) || (tenon && key === "code")) continue;
    const value = read(error, key, (thrown) => {
      clean = false;
      return note(`reading it threw ${oneLine(thrown)}`);
    });
    fields[key] = value;
    some = true;
  }
  if (!some) return undefined;
  if (clean) {
    // Together, so that references between fields hold; one by one when a field can't be sent.
    const whole = tryEncode(fields, "fields");
    if (typeof whole === "object") return whole;
  }
  for (const key of Object.keys(fields)) {
    const encoded = tryEncode(fields[key], key);
    if (typeof encoded === "string") fields[key] = note(encoded);
  }
  const sum = tryEncode(fields, "fields");
  return typeof sum === "object" ? sum : (tryEncode({ note: note(sum) }, "fields") as EncodedValue);
}

function encodeField(value: unknown, name: string): EncodedValue {
  const encoded = tryEncode(value, name);
  return typeof encoded === "object" ? encoded : { codec: "json", text: JSON.stringify(note(encoded)), parts: [] };
}

/** The encoded value, or why it can't be sent. */
function tryEncode(value: unknown, name: string): EncodedValue | string {
  try {
    const encoded = encodeInline(value, name, MAX_ERROR_FIELD_BYTES);
    return encoded.text.length > MAX_ERROR_FIELD_CHARS ? `${name} is larger than an error's fields may be` : encoded;
  } catch (thrown) {
    return oneLine(thrown).replace(/\.$/, "");
  }
}

function note(why: string): string {
  return `[not sent: ${why}]`;
}

function mapped(stack: string, mapStack: ((stack: string) => string) | undefined): string {
  if (mapStack === undefined) return stack;
  try {
    return mapStack(stack);
  } catch {
    return stack;
  }
}

/**
 * The error that was encoded: of its own class when this process has it (Tenon's, the language's, those of
 * `registerErrorClass`), else a RemoteError with its name, message, fields and cause.
 *
 * The stack holds the frames of the other side, then those of the caller of `decodeError`. Never throws for
 * what `encodeError` made.
 *
 * @throws DeserializationError when a field or a cause does not hold a value.
 */
export function decodeError(error: EncodedError): Error {
  const made = rebuild(error);
  const frames = callerFrames();
  if (frames !== "") hide(made, "stack", `${made.stack}\n${SEAM}\n${frames}`);
  return made;
}

/** @internal As `decodeError`, for an error inside something else: with the frames of the other side only. */
export function rebuild(error: EncodedError): Error {
  const message = typeof error?.message === "string" ? error.message : "";
  const remoteClass = typeof error?.className === "string" ? error.className : "Error";
  const name = typeof error?.name === "string" ? error.name : remoteClass;
  if (remoteClass === "DOMException") return finish(new DOMException(message, name), error, name, false);
  const tenon = typeof error?.code === "string";
  const found = errorClass(remoteClass, tenon, typeof error?.module === "string" ? error.module : undefined);
  // A true Error first, so that the inspector and `isNativeError` know it; its class's constructor must not run.
  const made = bareError(message);
  Object.setPrototypeOf(made, (found ?? RemoteError).prototype as object);
  if (found === undefined || tenon) {
    hide(made, BRAND, true);
    hide(made, "hint", undefined);
    show(made, "code", tenon ? error.code : "REMOTE");
  }
  if (found === undefined) show(made, "remoteClass", remoteClass);
  return finish(made, error, name, tenon);
}

/** An Error whose stack is not recorded: it gets another one. */
function bareError(message: string): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return new Error(message);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function finish(made: Error, error: EncodedError, name: string, tenon: boolean): Error {
  if (made.name !== name) hide(made, "name", name);
  if (isEncodedValue(error?.fields)) {
    const fields = decode(error.fields);
    if (typeof fields === "object" && fields !== null) {
      for (const [key, value] of Object.entries(fields))
        if (!RESERVED.has(key) || key === "errors") if (!(tenon && key === "code")) show(made, key, value);
    }
  }
  if (Array.isArray(error?.errors))
    hide(
      made,
      "errors",
      error.errors.map((each) => rebuild(each as EncodedError)),
    );
  if (error?.cause !== undefined) hide(made, "cause", isEncodedValue(error.cause) ? decode(error.cause) : rebuild(error.cause));
  hide(made, "stack", typeof error?.stack === "string" ? error.stack : `${made.name}: ${made.message}`);
  return made;
}

/** The frames of the caller, without Tenon's own files and Node's. */
function callerFrames(): string {
  const here: { stack?: string } = {};
  Error.captureStackTrace(here, decodeError);
  const lines = (here.stack ?? "").split("\n").slice(1);
  return lines.filter((line) => line.startsWith("    at ") && !line.includes("node:internal") && !line.includes(OWN_FILES)).join("\n");
}

/** Where Tenon's own code lies, `…/dist/` or `…/src/`, as stacks name it: with or without `file://`. */
const OWN_FILES = fileURLToPath(/^.*\/(?:dist|src)\//.exec(import.meta.url)?.[0] ?? import.meta.url);

function isEncodedValue(value: EncodedError | EncodedValue | undefined): value is EncodedValue {
  return typeof value === "object" && value !== null && "codec" in value;
}

function hide(on: Error, key: PropertyKey, value: unknown): void {
  Object.defineProperty(on, key, { value, enumerable: false, configurable: true, writable: true });
}

function show(on: Error, key: PropertyKey, value: unknown): void {
  Object.defineProperty(on, key, { value, enumerable: true, configurable: true, writable: true });
}
