import { Command, CommanderError } from "commander";
import { COMMANDS, GROUPS } from "../commands/catalog.ts";
import type { CommandContext, CommandSpec, GlobalFlags } from "./command.ts";
import { toUsageError } from "./command-line-error.ts";
import { EXIT, UsageError } from "./failures.ts";
import { defaultEnvironment } from "../../model/environment-name.ts";
import { checkEnvironmentName } from "../../model/names.ts";
import { commandTerm, formatHelp } from "./help.ts";
import type { Interruption } from "./interruption.ts";
import type { Io } from "./io.ts";
import { renderError } from "../render/render-error.ts";

/** What surrounds one run of the command line. */
export interface CliParams {
  readonly io: Io;
  readonly interruption: Interruption;
  readonly version: string;
}

/** Runs one command line (without `node` and the script) and resolves with its exit code; errors are shown, not thrown. */
export async function runCli(argv: readonly string[], params: CliParams): Promise<number> {
  const { io } = params;
  let exitCode: number = EXIT.ok;
  let asked: GlobalFlags | undefined;
  const program = createProgram(io, params.version);
  for (const spec of COMMANDS) {
    const command = addCommand(program, spec, io);
    command.action(async (...all: unknown[]) => {
      const args = (all.slice(0, spec.args.length) as (string | string[] | undefined)[]).flatMap((arg) => arg ?? []);
      const globals = (asked = readGlobals(command.optsWithGlobals(), io.env));
      const context: CommandContext = { io, globals, interruption: params.interruption };
      const body = await spec.load();
      exitCode = (await body.run(context, args, command.opts())) ?? EXIT.ok;
    });
  }
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    // Already written: the help of a group that was typed without its verb.
    if (error instanceof CommanderError && error.code === "commander.help") return EXIT.usage;
    // Cancelled calls are what a stop looks like from inside; the one who asked for it needs no error.
    if (params.interruption.signal.aborted) return EXIT.failure;
    const shown = error instanceof CommanderError ? toUsageError(error, argv) : error;
    return renderError(io, shown, asked ?? glance(argv));
  }
}

function createProgram(io: Io, version: string): Command {
  const program = new Command("tenon");
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
    "\nExamples:\n  tenon run wordcount.ts\n  tenon run wordcount.ts --help     the flags of the file's own entrypoint\n  tenon run --help                  more of one command",
  );
  return program;
}

function addCommand(program: Command, spec: CommandSpec, io: Io): Command {
  const [noun, verb] = spec.name.split(" ") as [string, string | undefined];
  const parent = verb === undefined ? program : group(program, noun, io);
  const command = parent
    .command(verb ?? noun)
    .summary(spec.summary)
    .description(spec.description);
  quiet(command, io);
  command.usage(["[flags]", ...spec.args.map((arg) => arg.name)].join(" "));
  for (const arg of spec.args) command.argument(arg.name, arg.description);
  for (const flag of spec.flags) command.option(flag.flags, flag.description, flag.default as string | undefined);
  command.helpOption("-h, --help", "show help").allowExcessArguments(false);
  addGlobals(command);
  if (spec.passThrough === true) command.passThroughOptions();
  command.addHelpText("after", `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join("\n")}`);
  return command;
}

function group(program: Command, noun: string, io: Io): Command {
  const known = program.commands.find((command) => command.name() === noun);
  if (known !== undefined) return known;
  const made = program.command(noun);
  quiet(made, io);
  const summary = GROUPS[noun] ?? "";
  return made
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
    .usage("<command> [flags]")
    .helpCommand(false)
    .helpOption("-h, --help", "show help")
    .enablePositionalOptions();
}

function addGlobals(command: Command): void {
  command
    .optionsGroup("Tenon's own flags:")
    .option("--json", "results as JSON lines on stdout; logs, events and errors as JSON lines on stderr")
    .option("--verbose", "show stacks and every event")
    .option("-e, --env <name>", "the environment (default: TENON_ENVIRONMENT, else dev)");
}

function quiet(command: Command, io: Io): void {
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

function readGlobals(flags: Record<string, unknown>, env: Io["env"]): GlobalFlags {
  const given = flags["env"] as string | undefined;
  return {
    json: flags["json"] === true,
    verbose: flags["verbose"] === true,
    environment: readEnvironment(given, env),
  };
}

function readEnvironment(flag: string | undefined, env: Io["env"]): string {
  try {
    return flag === undefined ? defaultEnvironment(env) : checkEnvironmentName(flag);
  } catch (error) {
    throw new UsageError(`${flag === undefined ? "TENON_ENVIRONMENT" : "--env"}: ${(error as Error).message}`, {
      hint: "Such as dev, staging or prod.",
    });
  }
}

/** The global flags of a command line that could not be read as a whole. */
function glance(argv: readonly string[]): { json: boolean; verbose: boolean } {
  const file = argv.findIndex((word, at) => at > 0 && !word.startsWith("-") && argv.slice(0, at).includes("run"));
  const own = file === -1 ? argv : argv.slice(0, file);
  return { json: own.includes("--json"), verbose: own.includes("--verbose") };
}
