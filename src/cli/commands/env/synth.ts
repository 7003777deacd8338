import type { CommandSpec } from "../../kit/command.ts";
import { BOOTSTRAP, OUTPUT } from "../shared-flags.ts";

/** What the help says of `tenon env synth`. */
export const spec = {
  name: "synth",
  summary: "write the CDK stack of an environment",
  description: `Writes a cloud assembly with the stack of the environment (-e, --env). All Apps of the environment share its tables, its bucket and its version. Deploy it once before the first App, and again with --protect: a first deploy that fails could not be taken back otherwise ("tenon env deploy" does both). Needs aws-cdk-lib and constructs; works offline.`,
  args: {},
  flags: {
    output: OUTPUT,
    protect: { type: "boolean", description: "protect the data table from deletion, in every deploy but the first" },
    ...BOOTSTRAP,
  },
  examples: [`cdk deploy --app "npx tenon env synth"`, `cdk deploy --app "npx tenon env synth --protect"`, "tenon env synth --env prod"],
} as const satisfies CommandSpec;
