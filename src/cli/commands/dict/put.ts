import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND, RAW } from "../shared-flags.ts";

/** What the help says of `tenon dict put`. */
export const spec = {
  name: "put",
  summary: "write a pair",
  description: `Writes a key and its value. Both are JSON where they parse as JSON, else text; write what begins with "-" after "--".

With --skip-if-exists a pair that is there stays as it is, and the command exits with 1.`,
  args: {
    name: { term: "name", description: "the Dict's name" },
    key: { term: "key", description: "the key" },
    value: { term: "value", description: "the value" },
  },
  flags: {
    ...BACKEND,
    raw: { ...RAW, description: "take key and value as text" },
    skipIfExists: { type: "boolean", description: "do not change a pair that is there" },
  },
  examples: ["tenon dict put --local seen whale 3", `tenon dict put --aws --skip-if-exists locks nightly '{"by": "ada"}'`],
} as const satisfies CommandSpec;
