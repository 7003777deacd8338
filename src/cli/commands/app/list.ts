import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND } from "../shared-flags.ts";

/** What the help says of `tenon app list`. */
export const spec = {
  name: "list",
  summary: "list the deployed Apps of the environment",
  description: "Lists the Apps of the environment, newest first.",
  args: {},
  flags: BACKEND,
  examples: ["tenon app list --local", "tenon app list --local --json"],
} as const satisfies CommandSpec;
