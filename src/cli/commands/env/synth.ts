import type { CommandSpec } from "../../kit/command.ts";
import { OUTPUT } from "../shared-flags.ts";

/** What the help says of `tenon env synth`. */
export const spec = {
  name: "synth",
  summary: "write the CDK stack of an environment",
  description: `Writes a cloud assembly with the stack of the environment (-e, --env). All Apps of the environment share its tables, its bucket and its version. Deploy it once before the first App. Needs aws-cdk-lib and constructs; works offline.`,
  args: {},
  flags: { output: OUTPUT },
  examples: [`cdk deploy --app "npx tenon env synth"`, "tenon env synth --env prod"],
} as const satisfies CommandSpec;
