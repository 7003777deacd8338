import type { Command } from "commander";
import { Help } from "commander";

/** Commands come before flags: they are what a newcomer looks for. */
export function formatHelp(command: Command, helper: Help): string {
  const sections = Help.prototype.formatHelp.call(helper, command, helper).trimEnd().split("\n\n");
  const commands = sections.filter((section) => section.startsWith("Commands:"));
  const others = sections.filter((section) => !section.startsWith("Commands:"));
  const at = others.findIndex((section) => section.startsWith("Flags:"));
  others.splice(at === -1 ? others.length : at, 0, ...commands);
  return `${others.join("\n\n")}\n`;
}

/** Longest list of verbs behind a noun; what is longer ends with `…`. */
const MAX_VERBS = 26;

/** `run <file> [args...]`, `app list|stop|logs`: as a list of commands shows it, without the word for flags. */
export function commandTerm(command: Command): string {
  const args = command.registeredArguments.map(
    (arg) => ` ${arg.required ? `<${arg.name()}>` : `[${arg.name()}${arg.variadic ? "..." : ""}]`}`,
  );
  const verbs = shortened(command.commands.map((verb) => verb.name()));
  return `${command.name()}${verbs === "" ? "" : ` ${verbs}`}${args.join("")}`;
}

// --- Internal helpers ---

function shortened(verbs: readonly string[]): string {
  const all = verbs.join("|");
  return all.length <= MAX_VERBS ? all : `${all.slice(0, all.lastIndexOf("|", MAX_VERBS))}|…`;
}
