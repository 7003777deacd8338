import type { CommandSpec } from "../../kit/command.ts";
import { AWS } from "../shared-flags.ts";

/** What the help says of `tenon env list`. */
export const spec = {
  name: "list",
  summary: "list the environments of the account",
  description: "Lists the environments of the account in this region, and the Apps that are deployed in each.",
  args: {},
  flags: AWS,
  examples: ["tenon env list", "tenon env list --json"],
} as const satisfies CommandSpec;
