import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND } from "../shared-flags.ts";

/** How many pairs are listed when nothing says how many. */
export const USUALLY_LISTED = 100;

/** What the help says of `tenon dict items`. */
export const spec = {
  name: "items",
  summary: "list the pairs of a Dict",
  description: `Lists the pairs of a Dict, in no order. The table shortens long keys and values; --json prints each pair whole, as one line {"key", "value"}, with null for an undefined one.`,
  args: { name: { term: "name", description: "the Dict's name" } },
  flags: {
    ...BACKEND,
    maxItems: {
      type: "integer",
      short: "n",
      value: "count",
      min: 1,
      max: 1_000_000_000,
      // No default of its own: one that is typed contradicts --all.
      description: `list at most so many pairs (default: ${USUALLY_LISTED})`,
    },
    all: { type: "boolean", description: "list all pairs" },
  },
  examples: ["tenon dict items --local seen", "tenon dict items --aws --all --json seen"],
} as const satisfies CommandSpec;
