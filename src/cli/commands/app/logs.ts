import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND } from "../shared-flags.ts";

/** What the help says of `tenon app logs`. */
export const spec = {
  name: "logs",
  summary: "show the output of a deployed App's containers",
  description: `Shows the log of a deployed App, oldest line first.

On AWS the lines come from CloudWatch Logs, some seconds after they were written. The newest lines are looked for in the last 35 days. Each request to CloudWatch Logs reads one Function, and an account has five of them in a second.`,
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
      description: "how many of the newest lines to show, at most 20,000 (default: 100, with --since 20,000)",
    },
    since: { type: "text", value: "time", description: "show lines since then: a time ago (90s, 10m, 2h, 3d) or a date of ISO 8601" },
    function: { type: "text", value: "name", description: "show lines of this Function only" },
    call: { type: "text", value: "id", description: "show lines of this call only (fc-…)" },
  },
  examples: ["tenon app logs --local wordcount -f", "tenon app logs --aws wordcount --since 10m --function count"],
} as const satisfies CommandSpec;
