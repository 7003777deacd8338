import type { CommandBody } from "../../kit/command.ts";
import { writeNote, writeResult } from "../../render/results.ts";
import type { spec } from "./policy.ts";

/** `tenon env policy`. */
export const run: CommandBody<typeof spec> = async (context, _args, flags) => {
  const { io, globals } = context;
  const { accountPolicies } = await import("../../../synth/app-plan.ts");
  const documents = accountPolicies(flags.for, { environment: flags.everyEnvironment ? null : globals.environment });
  if (documents.length > 1) writeNote(context, `these are ${documents.length} policies, since IAM limits their size: attach each`);
  for (const document of documents) {
    if (globals.json) writeResult(context, document);
    else io.out.write(`${JSON.stringify(document, null, 2)}\n`);
  }
};
