import type { CommandContext } from "../kit/command.ts";
import { formatJson, formatValue } from "./format-value.ts";

/** Writes one result to stdout: for people, or as one JSON line. For people, `undefined` leaves no line. */
export function writeResult(context: CommandContext, value: unknown): void {
  const { io, globals } = context;
  if (globals.json) io.out.write(`${formatJson(value)}\n`);
  else if (value !== undefined) io.out.write(`${formatValue(value, io.out.colours)}\n`);
}

/** Writes each of several results. */
export function writeEach(context: CommandContext, values: Iterable<unknown>): void {
  for (const value of values) writeResult(context, value);
}

/** Writes each item of a generator as it comes. */
export async function writeItems(context: CommandContext, items: AsyncIterable<unknown>): Promise<void> {
  for await (const item of items) writeResult(context, item);
}

/** Says something beside the result, to people only. */
export function writeNote({ io, globals }: CommandContext, text: string): void {
  if (!globals.json) io.err.write(`note: ${text}\n`);
}

/** Rows under headings, in columns two spaces apart, the last one as long as it is. Ends with a newline. */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd() + "\n";
  return line(headings) + rows.map(line).join("");
}
