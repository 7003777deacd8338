import { InternalFailure, RemoteError, TenonError } from "../../model/errors.ts";
import { EXIT, UsageError, UserFailure } from "../kit/failures.ts";
import { withFoundCommands } from "../kit/command-text.ts";
import { firstUserFrame } from "./frames.ts";
import type { Io } from "../kit/io.ts";
import { paint } from "../kit/io.ts";
import { type Place, placeText } from "../kit/place.ts";

/** How errors are shown. */
export interface RenderErrorParams {
  readonly json: boolean;
  readonly verbose: boolean;
  /** Where the command was at work; absent when it had touched nothing. */
  readonly place?: Place | undefined;
}

/** The hint of an unexpected error. */
const REPORT = "Report this fault of Tenon, please, with the output of the same command under --verbose.";

interface Shown {
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly frame: string | undefined;
  readonly stack: string | undefined;
  readonly headline: string;
}

/** Writes an error to stderr, as a few lines or one JSON object, and returns its exit code. */
export function renderError(io: Io, error: unknown, params: RenderErrorParams): number {
  const shown = look(error, params.verbose);
  const hint = shown.hint === undefined ? undefined : withFoundCommands(shown.hint, io.env);
  // The user's code failed, wherever it was.
  const place = error instanceof UserFailure ? undefined : params.place;
  if (params.json) {
    const { code, name, message, frame, stack } = shown;
    io.err.write(`${JSON.stringify({ error: { code, name, message, hint, frame, place, ...(params.verbose ? { stack } : {}) } })}\n`);
  } else {
    io.err.write(`${paint(io.err, ["red", "bold"], "error:")} ${shown.headline}\n`);
    if (place !== undefined && !shown.headline.includes(placeText(place)))
      io.err.write(`  ${paint(io.err, "dim", `in ${placeText(place)}`)}\n`);
    if (params.verbose && shown.stack !== undefined) io.err.write(`${paint(io.err, "dim", indent(shown.stack))}\n`);
    else if (shown.frame !== undefined) io.err.write(`  ${paint(io.err, "dim", `at ${shown.frame}`)}\n`);
    if (hint !== undefined) io.err.write(`${paint(io.err, "cyan", "hint:")} ${hint}\n`);
  }
  return error instanceof UsageError ? EXIT.usage : EXIT.failure;
}

// --- Internal helpers ---

/** The error as data: whose fault it is decides what is shown. */
function look(error: unknown, verbose: boolean): Shown {
  const byUser = error instanceof UserFailure;
  const thrown = byUser ? error.thrown : error;
  if (!(thrown instanceof Error) && !TenonError.is(thrown)) {
    const value = typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown);
    const message = `${byUser ? "The code" : "Tenon"} threw something that is not an Error: ${value}.`;
    return {
      code: byUser ? "USER_ERROR" : "UNEXPECTED",
      name: "Error",
      message,
      headline: message,
      hint: byUser ? "Throw an Error, which has a message and a stack." : REPORT,
      frame: undefined,
      stack: undefined,
    };
  }
  const stack = thrown.stack === undefined ? undefined : withCauses(thrown, byUser ? error.mapStack : (text) => text);
  const base = { name: classOf(thrown), message: thrown.message, stack };
  const ofTenon = TenonError.is(thrown) && !(thrown instanceof RemoteError);
  if (ofTenon) {
    const frame = byUser && !(thrown instanceof InternalFailure) ? firstUserFrame(stack) : undefined;
    return { ...base, code: thrown.code, hint: thrown.hint, headline: thrown.message, frame };
  }
  const headline = `${classOf(thrown)}: ${thrown.message}${causeLine(thrown)}`;
  if (byUser)
    return {
      ...base,
      code: TenonError.is(thrown) ? thrown.code : "USER_ERROR",
      hint: verbose ? undefined : "Run it again with --verbose for the whole stack.",
      headline,
      frame: firstUserFrame(stack),
    };
  return { ...base, code: "UNEXPECTED", hint: REPORT, headline, frame: firstLine(stack) };
}

/** The name of an error's class. Most classes leave `name` as it is in their parent. */
function classOf(error: Error): string {
  if (error.name !== "Error") return error.name;
  return (error instanceof RemoteError ? error.remoteClass : error.constructor.name) || error.name;
}

function causeLine(error: Error): string {
  return error.cause instanceof Error ? ` (caused by ${classOf(error.cause)}: ${error.cause.message})` : "";
}

function withCauses(error: Error, mapStack: (stack: string) => string): string {
  const parts: string[] = [];
  let each: unknown = error;
  for (let depth = 0; each instanceof Error && depth < 8; depth++) {
    parts.push((depth === 0 ? "" : "caused by ") + mapStack(each.stack ?? `${each.name}: ${each.message}`));
    each = each.cause;
  }
  return parts.join("\n");
}

function firstLine(stack: string | undefined): string | undefined {
  return stack
    ?.split("\n")
    .find((line) => /^\s+at /.test(line))
    ?.trim()
    .slice(3);
}

function indent(text: string): string {
  return text.replace(/^/gm, "  ");
}
