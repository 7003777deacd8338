import { defaultEnvironment } from "../../model/environment-name.ts";
import type { CommandContext } from "./command.ts";
import type { Io } from "./io.ts";
import type { BackendKind } from "./place.ts";

/** A command to print. */
export interface CommandText {
  /** Such as `env deploy`. */
  readonly command: string;
  /** Words behind Tenon's own flags, in order. */
  readonly words?: readonly string[];
  /** The backend that it must touch; absent for a command that touches none. */
  readonly backend?: BackendKind;
  /** The backend of the bare command where `TENON_BACKEND` names none. */
  readonly usual?: BackendKind;
}

/**
 * A command that can be pasted into the shell it is printed to: it names the backend and the environment that this command
 * has, unless a bare one has the same environment.
 */
export function commandText({ io, globals }: Pick<CommandContext, "io" | "globals">, params: CommandText): string {
  const { command, words = [], backend, usual } = params;
  const { environment } = globals;
  const isUsual = usual !== undefined && (io.env["TENON_BACKEND"] || usual) === backend;
  return [
    ...tenon(io.env),
    ...command.split(" "),
    ...(backend === undefined || isUsual ? [] : [`--${backend}`]),
    ...(environment === bareEnvironment(io.env) ? [] : ["-e", environment]),
    ...words,
  ]
    .map(quote)
    .join(" ");
}

/** A text with commands that Tenon's layers wrote, which can't know how this command was found: with `npx` where that found it. */
export function withFoundCommands(text: string, env: Io["env"]): string {
  return text.replace(COMMANDS, `${tenon(env).join(" ")} `);
}

// --- Internal helpers ---

/** The begin of a command in a text, by the first words of all commands. */
const COMMANDS = /(?<![\w./-]|npx )tenon (?=(?:run|deploy|destroy|call|app|dict|env|plan|synth)\b)/g;

/** npx has the command on the path of its own processes only. */
function tenon(env: Io["env"]): readonly string[] {
  return env["npm_command"] === "exec" ? ["npx", "tenon"] : ["tenon"];
}

/** The environment of a command without `-e`; `undefined` when it would be refused. */
function bareEnvironment(env: Io["env"]): string | undefined {
  try {
    return defaultEnvironment(env);
  } catch {
    return undefined;
  }
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
