import type { CommandSpec } from "../kit/command.ts";
import { BACKEND, QUALIFIER, YES } from "./shared-flags.ts";

/** What the help says of `tenon destroy`. */
export const spec = {
  name: "destroy",
  summary: "remove a deployed App from AWS, or from this machine",
  description: `Deletes the CDK stack of an App and waits until it is gone: its Functions, its logs, and its calls that have not ended. The environment keeps what it holds: Dicts, and the outcomes of calls. SQS keeps the names of deleted queues for a minute: a deploy of the App within it waits, and says so.

With --local, or TENON_BACKEND=local, stops the App that is deployed on this machine and removes its code and its log.`,
  args: { app: { term: "app|file", description: "the App's name, or the file that declares it" } },
  flags: { ...BACKEND, ...QUALIFIER, yes: YES },
  examples: ["tenon destroy wordcount", "tenon destroy --env prod --yes wordcount.ts", "tenon destroy --local wordcount"],
} as const satisfies CommandSpec;
