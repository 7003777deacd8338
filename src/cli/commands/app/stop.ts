import type { CommandSpec } from "../../kit/command.ts";
import { BACKEND, YES } from "../shared-flags.ts";

/** What the help says of `tenon app stop`. */
export const spec = {
  name: "stop",
  summary: "stop a deployed App",
  description: `Stops a deployed App: no call of it starts any more. Deploy the App again to start it.

On this machine, calls that run or wait are cancelled.

On AWS this is the switch for emergencies, and it works in seconds: no Lambda function of the App gets an execution environment (reserved concurrency 0), and nothing is taken from its queues. Calls that run go on to their end, since Lambda ends no invocation. Calls that wait stay queued. "tenon deploy" starts the App again also when nothing else has changed; "cdk deploy" does not.`,
  args: { name: { term: "name", description: "the App's name" } },
  flags: { ...BACKEND, yes: YES },
  examples: ["tenon app stop --local --yes wordcount", "tenon app stop --aws --env prod wordcount"],
} as const satisfies CommandSpec;
