import type { CommandSpec } from "../../kit/command.ts";
import { AWS, QUALIFIER, YES } from "../shared-flags.ts";

/** What the help says of `tenon env destroy`. */
export const spec = {
  name: "destroy",
  summary: "delete an environment's stack on AWS",
  description: `Deletes the stack of the environment (-e, --env). It is refused while Apps are deployed in the environment. The data table and the bucket stay, and "tenon env deploy" takes them over again.

With --delete-data the table and the bucket are deleted too, with everything in them, for good. That also works when the stack is gone already. It needs an administrator's rights: no policy of "tenon env policy" allows to delete data.`,
  args: {},
  flags: {
    ...AWS,
    ...QUALIFIER,
    yes: YES,
    deleteData: { type: "boolean", description: "also delete the data table and the bucket, with an administrator's rights" },
  },
  examples: ["tenon env destroy --env staging", "tenon env destroy --env staging --delete-data"],
} as const satisfies CommandSpec;
