import type { EntrypointOption, EntrypointSpec } from "../../model/manifest.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import { flagName } from "./entrypoint-flags.ts";
import { showNumber } from "../../util/show-value.ts";

/** The help of one entrypoint, made from its options. `command` is what was typed, such as `tenon run app.ts`. */
export function entrypointHelp(command: string, app: string, spec: EntrypointSpec, hasSchema: boolean): string {
  const options = Object.entries(spec.options ?? {});
  const positionals = (spec.positionals ?? []).map((name) => ` [${name}]`).join("");
  const rest = spec.positionals !== null && spec.positionals.length === 0 ? " [args...]" : "";
  const lines = [
    `Usage: ${command}${options.length > 0 || hasSchema ? " [flags]" : ""}${positionals}${rest}`,
    "",
    `Runs the entrypoint "${spec.name}" of the App "${app}" on this machine.`,
    "",
  ];
  if (hasSchema) lines.push("Its flags are checked by a schema: --name value, --name=value, --name, --no-name.", "");
  const rows: [string, string][] = options.map(([name, option]) => [flagColumn(name, option), describe(option)]);
  const shortTaken = options.some(([, option]) => option.short === "h");
  if (!options.some(([name]) => name === "help")) rows.push([shortTaken ? "    --help" : "-h, --help", "show this help"]);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  lines.push("Flags:", ...rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`.trimEnd()));
  return `${lines.join("\n")}\n`;
}

/** The help of one Function run from the terminal. */
export function functionHelp(command: string, app: string, spec: FunctionSpec): string {
  return `Usage: ${command} [args...]

Calls the Function "${spec.name}" of the App "${app}" once, on this machine, and prints its ${spec.kind === "generator" ? "items, one per line" : "result"}.

Arguments:
  args  what the Function is called with, in order: JSON where it parses as JSON, else the text itself

Flags:
      --raw   take every argument as text
  -h, --help  show this help

Limits: ${showNumber(spec.timeoutMs)} ms per attempt, ${showNumber(spec.memoryMiB)} MiB, ${spec.retries.maxRetries} ${spec.retries.maxRetries === 1 ? "retry" : "retries"}.
`;
}

function flagColumn(name: string, option: EntrypointOption): string {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.type === "boolean" ? "" : ` <${option.type}>${option.multiple === true ? "..." : ""}`;
  return `${short}--${flagName(name)}${value}`;
}

function describe(option: EntrypointOption): string {
  const parts = [];
  if (option.description !== undefined) parts.push(option.description);
  if (option.multiple === true) parts.push("(may be repeated)");
  if (option.default !== undefined) parts.push(`(default: ${JSON.stringify(option.default)})`);
  return parts.join(" ");
}
