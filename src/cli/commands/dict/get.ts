import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND, RAW } from "../shared-flags.ts";

/** What the help says of `tenon dict get`. */
export const spec = {
  name: "get",
  summary: "print the value of a key",
  description: `Prints the value of a key on stdout. The key is JSON where it parses as JSON, else text; write one that begins with "-" after "--". Exits with 1 when the key is not there.`,
  args: {
    name: { term: "name", description: "the Dict's name" },
    key: { term: "key", description: "the key" },
  },
  flags: { ...BACKEND, raw: { ...RAW, description: "take the key as text" } },
  examples: ["tenon dict get --local seen whale", "tenon dict get --aws --json seen '[1, 2]'"],
} as const satisfies CommandSpec;
