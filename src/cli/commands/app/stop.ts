import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND, YES } from "../shared-flags.ts";

/** What the help says of `tenon app stop`. */
export const spec = {
  name: "stop",
  summary: "stop a deployed App",
  description: "Stops a deployed App: it takes no more calls, and calls that run are cancelled. Deploy the App again to start it.",
  args: { name: { term: "name", description: "the App's name" } },
  flags: { ...BACKEND, yes: YES },
  examples: ["tenon app stop --local --yes wordcount"],
} as const satisfies CommandSpec;
