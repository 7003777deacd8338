import type { FunctionSpec } from "../../model/function-spec.ts";
import { showNumber } from "../../util/show-value.ts";
import { flagName } from "../kit/flags.ts";
import type { EntrypointFlag } from "./entrypoint-flags.ts";

/** An entrypoint whose help is shown. */
export interface EntrypointHelp {
  /** What was typed, such as `tenon run app.ts`. */
  readonly command: string;
  readonly app: string;
  readonly entrypoint: string;
  /** `null` when a schema does not tell its fields. */
  readonly flags: Readonly<Record<string, EntrypointFlag>> | null;
  readonly positionals: readonly string[] | null;
}

/** The help of one entrypoint, made from its flags. */
export function entrypointHelp({ command, app, entrypoint, flags, positionals }: EntrypointHelp): string {
  const options = Object.entries(flags ?? {});
  const words = (positionals ?? []).map((name) => ` [${name}]`).join("");
  const rest = positionals?.length === 0 ? " [args...]" : "";
  const lines = [
    `Usage: ${command}${options.length > 0 || flags === null ? " [flags]" : ""}${words}${rest}`,
    "",
    `Runs the entrypoint "${entrypoint}" of the App "${app}" on this machine.`,
    "",
  ];
  if (flags === null)
    lines.push(
      "Its flags can't be listed: its schema checks them, and does not tell its fields.",
      "Write --name value, --name=value, --name or --no-name.",
      "",
    );
  const rows = options.map(([name, option]): [string, string] => [flagColumn(name, option), describe(option)]);
  const shortTaken = options.some(([, option]) => option.short === "h");
  if (!options.some(([name]) => name === "help")) rows.push([shortTaken ? "    --help" : "-h, --help", "show this help"]);
  const width = Math.max(...rows.map(([flag]) => flag.length));
  lines.push("Flags:", ...rows.map(([flag, text]) => `  ${flag.padEnd(width)}  ${text}`.trimEnd()));
  return `${lines.join("\n")}\n`;
}

/** The help of one Function run from the terminal. */
export function functionHelp(command: string, app: string, spec: FunctionSpec): string {
  const { name, kind, timeoutMs, memoryMiB, retries } = spec;
  return `Usage: ${command} [args...]

Calls the Function "${name}" of the App "${app}" once, on this machine, and prints its ${kind === "generator" ? "items, one per line" : "result"}.

Arguments:
  args  the arguments of the Function, in order: JSON where they parse as JSON, else text

Flags:
      --raw   take every argument as text
  -h, --help  show this help

Limits: ${showNumber(timeoutMs)} ms per attempt, ${showNumber(memoryMiB)} MiB, ${retries.maxRetries} ${retries.maxRetries === 1 ? "retry" : "retries"}.
`;
}

// --- Internal helpers ---

function flagColumn(name: string, { type, short, multiple }: EntrypointFlag): string {
  const value = type === "boolean" ? "" : ` <${type}>${multiple === true ? "..." : ""}`;
  return `${short === undefined ? "    " : `-${short}, `}--${flagName(name)}${value}`;
}

function describe({ description, multiple, required, default: usual }: EntrypointFlag): string {
  const parts = description === undefined ? [] : [description];
  if (multiple === true) parts.push("(may be repeated)");
  if (required === true) parts.push("(required)");
  if (usual !== undefined) parts.push(`(default: ${JSON.stringify(usual)})`);
  return parts.join(" ");
}
