import type { CommandContext } from "../kit/command.ts";
import { formatJson, formatValue } from "./format-value.ts";

/** Writes one result to stdout: for people, or as one JSON line. A result of `undefined` leaves no line for people. */
export function writeResult(context: CommandContext, value: unknown): void {
  const { io, globals } = context;
  if (globals.json) io.out.write(`${formatJson(value)}\n`);
  else if (value !== undefined) io.out.write(`${formatValue(value, io.out.colours)}\n`);
}

/** Writes each item of a generator as it comes. */
export async function writeItems(context: CommandContext, items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) writeResult(context, item);
}
