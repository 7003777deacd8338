import type { CommandSpec } from "../kit/command.ts";

/** What the help says of `tenon plan`. */
export const spec = {
  name: "plan",
  summary: "show what an App becomes on AWS",
  description: `Shows what each Function of the file becomes on AWS and why, where AWS does not give what was asked for, and what the App costs, also while it is idle. Works offline. Exits with 1 when a Function can't run on AWS.`,
  args: { file: { term: "file", description: "the file that declares the App" } },
  flags: { iam: { type: "boolean", description: "also say in words what each role may do; with --json, print its policies" } },
  examples: ["tenon plan wordcount.ts", "tenon plan --iam wordcount.ts", "tenon plan --json --env prod wordcount.ts"],
} as const satisfies CommandSpec;
