import { StringDecoder } from "node:string_decoder";

/** A line that has grown to so many characters is given out before it ends. */
const LINE_MAX = 64 * 1024;

/** Cuts text that comes in pieces into lines; bytes may end in the middle of a character. */
export interface LineCutter {
  push(chunk: string | Uint8Array): void;
  /** Gives out what came without a line end. */
  end(): void;
}

/** Makes a cutter; a line of more than 65,536 characters comes in several pieces. */
export function createLineCutter(onLine: (text: string) => void): LineCutter {
  let rest = "";
  let decoder: StringDecoder | null = null;
  return {
    push(chunk) {
      const text = rest + (typeof chunk === "string" ? chunk : (decoder ??= new StringDecoder("utf8")).write(chunk as Buffer));
      const end = text.lastIndexOf("\n");
      rest = text.slice(end + 1);
      if (end >= 0) for (const line of text.slice(0, end).split("\n")) onLine(line);
      if (rest.length < LINE_MAX) return;
      onLine(rest);
      rest = "";
    },
    end() {
      rest += decoder?.end() ?? "";
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}
