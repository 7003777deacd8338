import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND } from "../shared-flags.ts";

/** What the help says of `tenon app list`. */
export const spec = {
  name: "list",
  summary: "list the deployed Apps of the environment",
  description: "Lists the Apps of the environment, newest first: deployed ones, stopped ones, and on this machine those that run.",
  args: {},
  flags: BACKEND,
  examples: ["tenon app list --local", "tenon app list --aws --env prod", "tenon app list --local --json"],
} as const satisfies CommandSpec;
