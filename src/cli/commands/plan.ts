import type { CommandContext } from "../kit/command.ts";
import { UsageError } from "../kit/failures.ts";
import { writeResult } from "../render/results.ts";
import { formatTable } from "../render/table.ts";
import { parseTarget } from "../kit/target.ts";
import { showNumber } from "../../util/show-value.ts";

/** `tenon plan file.ts`. The user's code is read in a child of its own, never here. */
export async function run(context: CommandContext, args: readonly string[], flags: Readonly<Record<string, unknown>>): Promise<number> {
  const { io, globals } = context;
  const target = parseTarget(args[0]!);
  if (target.name !== undefined)
    throw new UsageError(`a whole App is planned, not "${target.name}" alone`, { hint: `Write tenon plan ${target.typed}.` });
  const { formatPrice, planApp, planRoles } = await import("../../synth/app-plan.ts");
  const { readApp } = await import("../../local/index.ts");
  const { manifest } = await readApp({ entryFile: target.file, environment: globals.environment });
  const plan = planApp(manifest, globals.environment);
  const roles = flags["iam"] === true ? planRoles(manifest, globals.environment) : undefined;
  const code = plan.functions.some(({ becomes }) => becomes === null) ? 1 : 0;
  if (globals.json) {
    writeResult(context, roles === undefined ? plan : { ...plan, roles });
    return code;
  }
  io.out.write(`${plan.app} becomes the stack ${plan.stack}\n\n`);
  io.out.write(
    formatTable(
      ["FUNCTION", "BECOMES", "MEMORY", "TIMEOUT", "PRICE", "BECAUSE OF"],
      plan.functions.map(({ name, becomes, why, dollarsPerMillionCalls }) =>
        becomes === null
          ? [name, "refused", "-", "-", "-", why]
          : [name, "Lambda", `${becomes.memoryMiB} MB`, `${becomes.timeoutSeconds} s`, formatPrice(dollarsPerMillionCalls ?? 0), why],
      ),
    ),
  );
  const remarks = plan.functions.flatMap(({ name, refusals, notes }) => [...refusals, ...notes].map((text) => `${name}: ${text}\n`));
  if (remarks.length > 0) io.out.write(`\n${remarks.join("")}`);
  if (plan.differences.length > 0) io.out.write("\nWhere AWS differs from this machine\n");
  for (const { what, functions } of plan.differences) io.out.write(`  ${functions.join(", ")}: ${what}\n`);
  io.out.write("\nPRICE is that of a million calls of 100 ms. While nothing is called, a month has\n");
  for (const { what, requestsPerMonth, dollarsPerMonth } of plan.idle)
    io.out.write(`  ${showNumber(requestsPerMonth)} requests  ${formatPrice(dollarsPerMonth)}  ${what}\n`);
  io.out.write("List prices of us-east-1, before free tiers.\n");
  for (const { who, may } of roles ?? []) io.out.write(`\nThe role of ${who} may\n${may.map((line) => `  ${line}\n`).join("")}`);
  return code;
}
