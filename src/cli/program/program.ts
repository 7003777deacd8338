import { CommanderError, Command as CommanderCommand } from "commander";
import { isGroup, TENON_COMMANDS } from "../commands/catalog.ts";
import type { Command, CommandContext, GlobalFlags } from "../kit/command.ts";
import { EXIT } from "../kit/failures.ts";
import { type FlagSpecs, flagTerm, type TypedFlags } from "../kit/flags.ts";
import { glance, GLOBAL_FLAGS, readGlobals } from "../kit/globals.ts";
import type { Interruption } from "../kit/interruption.ts";
import type { Io } from "../kit/io.ts";
import { namedBackend, type Place } from "../kit/place.ts";
import { renderError } from "../render/render-error.ts";
import { toUsageError } from "./command-line-error.ts";
import { commandTerm, formatHelp } from "./help.ts";

/** What surrounds one run of the command line. */
export interface CliParams {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly version: string;
}

/** Runs one command line (without `node` and the script) and resolves with its exit code; errors are shown, not thrown. */
export async function runCli(argv: readonly string[], params: CliParams): Promise<number> {
  const { io } = params;
  const run: Run = { params, exitCode: EXIT.ok, globals: undefined, findPlace: undefined };
  const program = createProgram(run);
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return run.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // Already written: the help of a group that was typed without its verb.
    if (error instanceof CommanderError && error.code === "commander.help") return EXIT.usage;
    // A stop makes calls fail as cancelled. The user asked for it, so no error is shown.
    if (params.interruption.signal.aborted) return EXIT.failure;
    const shown = error instanceof CommanderError ? toUsageError(error, argv) : error;
    return renderError(io, shown, { ...(run.globals ?? glance(argv)), place: await run.findPlace?.() });
  }
}

// --- Internal helpers ---

/** One command line on its way. */
interface Run {
  readonly params: CliParams;
  exitCode: number;
  globals: GlobalFlags | undefined;
  findPlace: (() => Promise<Place>) | undefined;
}

function createProgram(run: Run): CommanderCommand {
  const { io, version } = run.params;
  const program = new CommanderCommand("tenon");
  quiet(program, io);
  program
    .description("Modal's programming model for TypeScript, on your own AWS account.")
    .usage("<command> [flags] [args...]")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .enablePositionalOptions();
  addGlobals(program);
  program.addHelpText(
    "after",
    "\nExamples:\n  tenon run wordcount.ts\n  tenon run wordcount.ts --help     the flags of the file's own entrypoint\n  tenon run --help                  more about one command",
  );
  for (const entry of TENON_COMMANDS) {
    if (!isGroup(entry)) addCommand(program, entry, run);
    else {
      const group = addGroup(program, entry.noun, entry.summary, io);
      for (const verb of entry.verbs) addCommand(group, verb, run);
    }
  }
  return program;
}

function addCommand(parent: CommanderCommand, command: Command, run: Run): void {
  const { spec, start } = command;
  const made = parent.command(spec.name).summary(spec.summary).description(spec.description);
  quiet(made, run.params.io);
  const args = Object.values(spec.args).map(({ term, description, many }) => [many ? `[${term}...]` : `<${term}>`, description] as const);
  made.usage(["[flags]", ...args.map(([term]) => term)].join(" "));
  for (const [term, description] of args) made.argument(term, description);
  addFlags(made, spec.flags);
  made.helpOption("-h, --help", "show help").allowExcessArguments(false);
  addGlobals(made);
  if (spec.passThrough === true) made.passThroughOptions();
  made.addHelpText("after", `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join("\n")}`);
  made.action(async (...all: unknown[]) => {
    const { io, interruption } = run.params;
    const globals = (run.globals = readGlobals(made.optsWithGlobals<TypedFlags>(), io.env));
    // Also for commands with one backend only: the user who names another does not expect what would happen.
    namedBackend(io.env);
    const context: CommandContext = { io, globals, interruption, touch: (find) => void (run.findPlace = find) };
    const words = all.slice(0, args.length) as (string | string[] | undefined)[];
    run.exitCode = (await start(context, words, made.opts<TypedFlags>())) ?? EXIT.ok;
  });
}

function addGroup(program: CommanderCommand, noun: string, summary: string, io: Io): CommanderCommand {
  const made = program.command(noun);
  quiet(made, io);
  return made
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .usage("<command> [flags]")
    .helpCommand(false)
    .helpOption("-h, --help", "show help")
    .enablePositionalOptions();
}

function addGlobals(command: CommanderCommand): void {
  addFlags(command.optionsGroup("Tenon's own flags:"), GLOBAL_FLAGS);
}

/** Values and defaults are read later, from the same specs: here only the help tells of them. */
function addFlags(command: CommanderCommand, flags: FlagSpecs): void {
  for (const [name, flag] of Object.entries(flags)) {
    const usual = "default" in flag && flag.default !== undefined ? ` (default: ${flag.default})` : "";
    command.option(flagTerm(name, flag), flag.description + usual);
  }
}

function quiet(command: CommanderCommand, io: Io): void {
  command.optionsGroup("Flags:").configureHelp({ formatHelp, subcommandTerm: commandTerm });
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out.write(text),
    writeErr: (text) => io.err.write(text),
    outputError: () => {},
    getOutHelpWidth: () => 100,
    getErrHelpWidth: () => 100,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}
