import type { CommandSpec } from "../kit/command.ts";
import { ARCHITECTURE, BOOTSTRAP, OUTPUT } from "./shared-flags.ts";

/** What the help says of `tenon synth`. */
export const spec = {
  name: "synth",
  summary: "write the CDK stack of an App",
  description: `Bundles the file and writes a cloud assembly with the stack of its App. The CDK's own command deploys it. Needs aws-cdk-lib and constructs; works offline.

The App runs in an environment of the same account and region: see "tenon env synth".`,
  args: { file: { term: "file", description: "the file that declares the App" } },
  flags: {
    output: OUTPUT,
    parts: { type: "boolean", description: "print what the stack is made from instead: the manifest, and the folder of the code" },
    architecture: ARCHITECTURE,
    ...BOOTSTRAP,
  },
  examples: [`cdk deploy --app "npx tenon synth wordcount.ts"`, "tenon synth --env prod --output cdk.out wordcount.ts"],
} as const satisfies CommandSpec;
