import type { CommandSpec } from "../../kit/command.ts";

/** What the help says of `tenon env policy`. */
export const spec = {
  name: "policy",
  summary: "print the IAM policy of who works in an environment",
  description: `Prints a policy for a user or a role that works in the environment (-e, --env), to be pasted into IAM. It allows what Tenon sends, and nothing else. Works offline.

deployer: deploys and destroys by the roles of the CDK's bootstrap, sees what is deployed, and calls it.
caller: calls Functions of every App, and gets what they give back.
reader: sees what is deployed and logged, outcomes of calls, and objects; changes nothing.
data: works with objects, such as Dicts, by the command or from a program that is no App's.`,
  args: {},
  flags: {
    for: {
      type: "choice",
      value: "name",
      choices: ["deployer", "caller", "reader", "data"],
      default: "deployer",
      description: "whose policy: deployer, caller, reader or data",
    },
    everyEnvironment: { type: "boolean", description: "of every environment of the account, not of one" },
  },
  examples: ["tenon env policy --env prod", "tenon env policy --env prod --for reader"],
} as const satisfies CommandSpec;
