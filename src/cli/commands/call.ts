import type { CommandSpec } from "../kit/command.ts";
import { BACKEND, RAW } from "./shared-flags.ts";

/** What the help says of `tenon call`. */
export const spec = {
  name: "call",
  summary: "call a Function of a deployed App",
  description: `Calls a Function of a deployed App and prints its result on stdout; a generator's items are printed one per line. Arguments are JSON where they parse as JSON, else text. Write those that begin with "-" after "--".`,
  args: {
    address: { term: "app/function", description: "the names of the App and the Function" },
    values: { term: "args", description: "the arguments of the Function, in order", many: true },
  },
  flags: {
    ...BACKEND,
    raw: RAW,
    spawn: { type: "boolean", description: "do not wait: print the call's id (fc-…), which is kept for 7 days" },
    get: { type: "boolean", description: "wait for a spawned call: write its id in place of app/function" },
  },
  examples: [
    `tenon call --aws wordcount/count "the whale"`,
    `tenon call --local wordcount/count "the whale"`,
    `tenon call --local --spawn wordcount/count "the whale"`,
    "tenon call --local --get fc-0123456789",
  ],
} as const satisfies CommandSpec;
