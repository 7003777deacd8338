import type { CommanderError } from "commander";
import { findCommand, isGroup, TENON_COMMANDS } from "../commands/catalog.ts";
import { UsageError } from "../kit/failures.ts";
import { nearest } from "../../util/nearest.ts";

/** Says in Tenon's words what commander found wrong. */
export function toUsageError(error: CommanderError, argv: readonly string[]): UsageError {
  const words = argv.filter((word) => !word.startsWith("-"));
  const { name, group } = findCommand(words);
  // Commander's own words, which hold what was typed: "unknown option '--loca'", then perhaps "(Did you mean --local?)".
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const typed = /'(.*)'/.exec(first)?.[1] ?? "";
  const suggested = /Did you mean (?:one of )?(.+?)\?/.exec(rest.join(" "))?.[1];
  const help = { hint: suggested === undefined ? `Run ${["tenon", name, "--help"].filter(Boolean).join(" ")}.` : `Write ${suggested}.` };
  switch (error.code) {
    case "commander.unknownCommand":
      return unknownCommand(typed, group, argv);
    case "commander.unknownOption":
      return new UsageError(`Unknown flag: ${typed}.`, help);
    case "commander.missingArgument":
      return new UsageError(`Missing argument: <${typed}>.`, help);
    case "commander.optionMissingArgument":
      return new UsageError(`Missing value: ${typed}.`, help);
    case "commander.excessArguments": {
      const [expected = "0", got = ""] = first.match(/\d+/g) ?? [];
      return new UsageError(`Too many arguments: ${got}. The command takes ${expected === "0" ? "none" : expected}.`, help);
    }
    default:
      return new UsageError(`Wrong command line: ${first.replace(/\.$/, "")}.`, help);
  }
}

// --- Internal helpers ---

function unknownCommand(typed: string, group: string | undefined, argv: readonly string[]): UsageError {
  const message = `Unknown command: "${typed}".`;
  if (/\.[cm]?[jt]sx?(::|$)/.test(typed)) return new UsageError(message, { hint: `Write tenon run ${argv.join(" ")}.` });
  if (group === "app" && typed === "start")
    return new UsageError(message, { hint: "Run tenon deploy with the App's file, which starts a stopped App again." });
  const within = TENON_COMMANDS.filter(isGroup).find(({ noun }) => noun === group);
  const names =
    within?.verbs.map(({ spec }) => spec.name) ?? TENON_COMMANDS.map((entry) => (isGroup(entry) ? entry.noun : entry.spec.name));
  const close = nearest(typed, names);
  const full = (name: string): string => ["tenon", within?.noun, name].filter(Boolean).join(" ");
  return new UsageError(message, { hint: close === undefined ? `Write one of ${names.map(full).join(", ")}.` : `Write ${full(close)}.` });
}
