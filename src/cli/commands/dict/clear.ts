import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND, YES } from "../shared-flags.ts";

/** What the help says of `tenon dict clear`. */
export const spec = {
  name: "clear",
  summary: "remove all pairs of a Dict",
  description: "Removes all pairs of a Dict, for good. The Dict itself stays.",
  args: { name: { term: "name", description: "the Dict's name" } },
  flags: { ...BACKEND, yes: YES },
  examples: ["tenon dict clear --local seen", "tenon dict clear --aws --yes seen"],
} as const satisfies CommandSpec;
