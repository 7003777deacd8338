import type { CommandSpec } from "../../kit/command.ts";
import { AWS, BOOTSTRAP } from "../shared-flags.ts";

/** What the help says of `tenon env deploy`. */
export const spec = {
  name: "deploy",
  summary: "deploy an environment to AWS",
  description: `Deploys the stack of the environment (-e, --env). All Apps of the environment share its two tables, its bucket, its version, and the function that sweeps up once a day. It costs less than a cent a month while nothing runs. Deploy it again when an update of Tenon asks for it.

When an environment of this name was destroyed before and its data was kept, the new one takes over that data.`,
  args: {},
  flags: { ...AWS, ...BOOTSTRAP },
  examples: ["tenon env deploy", "tenon env deploy --env prod"],
} as const satisfies CommandSpec;
