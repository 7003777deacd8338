import { type FlagsOf, type FlagSpecs, readFlags, type TypedFlags } from "./flags.ts";
import type { Interruption } from "./interruption.ts";
import type { Io } from "./io.ts";
import type { Place } from "./place.ts";

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
  /** Says where the command is at work from here on: an error says it too. `find` is asked only then. */
  touch(find: () => Promise<Place>): void;
}

/** One word of a command line that is no flag. */
export interface ArgSpec {
  /** As the help shows it, without brackets: `file[::name]`. */
  readonly term: string;
  readonly description: string;
  /** All the words that are left. At most the last argument. */
  readonly many?: true;
}

/** A command as data: all that the help says of it. Paragraphs of the description are separated by an empty line. */
export interface CommandSpec {
  /** One word: the command, or the verb of a group. */
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  /** In their order. */
  readonly args: Readonly<Record<string, ArgSpec>>;
  readonly flags: FlagSpecs;
  readonly examples: readonly string[];
  /** Whether all that follows the first argument is left as it is. */
  readonly passThrough?: true;
}

/** The arguments of a spec by name: a word, or a list where it takes many. */
export type ArgsOf<S extends CommandSpec> = {
  readonly [K in keyof S["args"]]: S["args"][K] extends { readonly many: true } ? readonly string[] : string;
};

/** The body of a command: in a module of its own, loaded when the command runs. Resolves with the exit code; nothing means 0. */
export type CommandBody<S extends CommandSpec> = (
  context: CommandContext,
  args: ArgsOf<S>,
  flags: FlagsOf<S["flags"]>,
) => Promise<number | void>;

/** A command of the catalog. */
export interface Command {
  readonly spec: CommandSpec;
  /** Loads the body and runs it with what was typed. Throws `UsageError` for a flag's wrong value. */
  start(context: CommandContext, words: readonly (string | readonly string[] | undefined)[], typed: TypedFlags): Promise<number | void>;
}

/** Commands with a noun before them: `tenon app list`. */
export interface CommandGroup {
  readonly noun: string;
  readonly summary: string;
  readonly verbs: readonly Command[];
}

/** Joins what the help says of a command to the module of its body. */
export function command<S extends CommandSpec>(spec: S, load: () => Promise<{ readonly run: CommandBody<S> }>): Command {
  return {
    spec,
    async start(context, words, typed) {
      const flags = readFlags<S["flags"]>(spec.flags, typed);
      const args = Object.entries(spec.args).map(([name, { many }], at) => [name, words[at] ?? (many === true ? [] : "")]);
      const { run } = await load();
      return run(context, Object.fromEntries(args) as ArgsOf<S>, flags);
    },
  };
}
