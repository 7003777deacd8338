import { styleText } from "node:util";

/** One of the two streams a command writes to. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Whether colours may be written here. */
  readonly colours: boolean;
  /** Width of the terminal in characters; 80 when it is none. */
  readonly columns: number;
}

/** What surrounds a command: two streams, a question and the environment's variables. */
export interface Io {
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks a question on the terminal; `null` without a terminal. */
  ask(question: string): Promise<string | null>;
  /**
   * Calls back before every text that is written to a terminal, also by the user's own `console.log`: a progress line is
   * removed first. The returned function ends it.
   */
  watchTerminal?(before: (text: string) => void): () => void;
}

/** The names that {@link paint} takes. */
export type Style = Parameters<typeof styleText>[0];

/** Text in a colour, or as it is where the stream takes none. */
export function paint(output: Output, style: Style, text: string): string {
  return output.colours ? styleText(style, text, { validateStream: false }) : text;
}

/**
 * Whether to colour: `FORCE_COLOR` (other than `0` and `false`) says yes, then `NO_COLOR` and `TERM=dumb` say no,
 * then it is a terminal or not.
 */
export function wantsColours(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const force = env["FORCE_COLOR"];
  if (force !== undefined) return force !== "0" && force !== "false";
  if ((env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return false;
  return isTerminal;
}
