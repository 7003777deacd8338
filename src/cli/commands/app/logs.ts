import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND } from "../shared-flags.ts";

/** What the help says of `tenon app logs`. */
export const spec = {
  name: "logs",
  summary: "show the output of a deployed App's containers",
  description: "Shows the log of a deployed App, oldest line first.",
  args: { name: { term: "name", description: "the App's name" } },
  flags: {
    ...BACKEND,
    follow: { type: "boolean", short: "f", description: "wait for new lines until Ctrl-C" },
    tail: {
      type: "integer",
      short: "n",
      value: "lines",
      min: 0,
      max: 20_000,
      default: 100,
      description: "how many of the newest lines to show, at most 20,000",
    },
    function: { type: "text", value: "name", description: "show lines of this Function only" },
    call: { type: "text", value: "id", description: "show lines of this call only (fc-…)" },
  },
  examples: ["tenon app logs --local wordcount -f", "tenon app logs --local wordcount -n 20 --function count"],
} as const satisfies CommandSpec;
