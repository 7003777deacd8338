import type { CommanderError } from "commander";
import { COMMANDS, GROUPS } from "../commands/catalog.ts";
import { UsageError } from "./failures.ts";
import { nearest } from "../../util/nearest.ts";

/** Says in Tenon's words what commander found wrong. */
export function toUsageError(error: CommanderError, argv: readonly string[]): UsageError {
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const message = first.replaceAll("'", '"').replaceAll("option", "flag").replace(/\.$/, "").replace(". Expected", ": expected");
  const suggested = /Did you mean (?:one of )?(.+?)\?/.exec(rest.join(" "))?.[1];
  const words = argv.filter((word) => !word.startsWith("-"));
  const noun = words[0] !== undefined && words[0] in GROUPS ? words[0] : undefined;
  if (error.code === "commander.unknownCommand") {
    const typed = (noun === undefined ? words[0] : words[1]) ?? "";
    return new UsageError(message, { hint: commandHint(noun, typed, argv) });
  }
  const known = COMMANDS.find((spec) => spec.name === (noun === undefined ? words[0] : `${noun} ${words[1]}`));
  const help = known === undefined ? "tenon --help" : `tenon ${known.name} --help`;
  return new UsageError(message, { hint: suggested === undefined ? `See ${help}.` : `Did you mean ${suggested}?` });
}

function commandHint(noun: string | undefined, typed: string, argv: readonly string[]): string {
  if (/\.[cm]?[jt]sx?(::|$)/.test(typed)) return `Did you mean tenon run ${argv.join(" ")}?`;
  const names = [
    ...new Set(
      COMMANDS.map((spec) => spec.name).flatMap((name) =>
        noun === undefined ? (name.split(" ")[0] ?? []) : name.startsWith(`${noun} `) ? name : [],
      ),
    ),
  ];
  const close = nearest(
    typed,
    names.map((name) => name.split(" ").at(-1)!),
  );
  if (close !== undefined) return `Did you mean tenon ${noun === undefined ? close : `${noun} ${close}`}?`;
  return `The commands: ${names.map((name) => `tenon ${name}`).join(", ")}.`;
}
