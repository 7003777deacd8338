import type { CommandSpec } from "../kit/command.ts";
import { ARCHITECTURE, BACKEND, BOOTSTRAP } from "./shared-flags.ts";

/** What the help says of `tenon deploy`. */
export const spec = {
  name: "deploy",
  summary: "deploy an App to AWS, or on this machine",
  description: `Bundles the file and deploys its App as a CDK stack, in the account and region that the AWS SDK finds. A second deploy changes only what is different; without a difference it does nothing. When the environment (-e, --env) is missing, the command asks whether to deploy it first.

Needs aws-cdk-lib, constructs and @aws-cdk/toolkit-lib, and an account that is bootstrapped for the CDK.

With --local, or TENON_BACKEND=local, the App is deployed on this machine. Its containers start at the first call and stop when they are idle. Calls in flight end on the version that they began with.`,
  args: { file: { term: "file", description: "the file that declares the App" } },
  flags: {
    ...BACKEND,
    architecture: ARCHITECTURE,
    ...BOOTSTRAP,
    yes: { type: "boolean", short: "y", description: "deploy a missing environment without asking" },
  },
  examples: ["tenon deploy wordcount.ts", "tenon deploy --env prod --yes wordcount.ts", "tenon deploy --local wordcount.ts"],
} as const satisfies CommandSpec;
