import type { Interruption } from "./interruption.ts";
import type { Io } from "./io.ts";

/** Tenon's own flags, which every command takes. */
export interface GlobalFlags {
  /** One JSON line per result on stdout, events and errors as JSON lines on stderr. */
  readonly json: boolean;
  /** Stacks and every event. */
  readonly verbose: boolean;
  /** The environment's name: `--env`, else `TENON_ENVIRONMENT`, else `dev`. */
  readonly environment: string;
}

/** What a command's body is given. */
export interface CommandContext {
  readonly io: Io;
  readonly globals: GlobalFlags;
  readonly interruption: Interruption;
}

/** A flag as the help shows it, such as `-n, --tail <lines>`. */
export interface FlagSpec {
  readonly flags: string;
  readonly description: string;
  readonly default?: string | number;
}

/** The body of a command: in a module of its own, loaded when the command runs. */
export interface CommandBody {
  /** Resolves with the exit code; nothing means 0. */
  run(context: CommandContext, args: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<number | void>;
}

/** A command as data: all that the help says of it. Paragraphs of the description are separated by an empty line. */
export interface CommandSpec {
  /** One word, or a noun and a verb. */
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly args: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly FlagSpec[];
  readonly examples: readonly string[];
  /** Whether all that follows the first argument is left as it is. */
  readonly passThrough?: boolean;
  load(): Promise<CommandBody>;
}
