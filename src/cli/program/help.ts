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

/** `run <file> [args...]`: the word for flags is left out of a list of commands. */
export function commandTerm(command: Command): string {
  const args = command.registeredArguments.map(
    (arg) => ` ${arg.required ? `<${arg.name()}>` : `[${arg.name()}${arg.variadic ? "..." : ""}]`}`,
  );
  const verbs = command.commands.map((verb) => verb.name()).join("|");
  return `${command.name()}${verbs === "" ? "" : ` ${verbs}`}${args.join("")}`;
}
