import { showNumber } from "../../util/show-value.ts";
import { wrongApps } from "../arguments/choose.ts";
import { parseAppTarget } from "../arguments/target.ts";
import type { CommandBody } from "../kit/command.ts";
import { EXIT } from "../kit/failures.ts";
import type { Output } from "../kit/io.ts";
import { formatTable, writeResult } from "../render/results.ts";
import type { spec } from "./plan.ts";

type Plans = typeof import("../../synth/app-plan.ts");

/** `tenon plan file.ts`. The user's code is read in a child of its own, never here. */
export const run: CommandBody<typeof spec> = async (context, { file }, { iam }) => {
  const { io, globals } = context;
  const { environment } = globals;
  const target = parseAppTarget(file, "plan");
  const { formatPrice, planApp, planRoles } = await import("../../synth/app-plan.ts");
  const { readApp } = await import("../../local/index.ts");
  const { manifest } = await readApp({
    entryFile: target.file,
    environment,
    moduleFailure: (error) => wrongApps(error, target.typed),
  });
  const plan = planApp(manifest, environment);
  const roles = iam ? planRoles(manifest, environment) : undefined;
  if (globals.json) writeResult(context, roles === undefined ? plan : { ...plan, roles });
  else writePlan(io.out, plan, roles ?? [], formatPrice);
  return plan.functions.some(({ becomes }) => becomes === null) ? EXIT.failure : EXIT.ok;
};

// --- Internal helpers ---

function writePlan(
  out: Output,
  plan: ReturnType<Plans["planApp"]>,
  roles: ReturnType<Plans["planRoles"]>,
  formatPrice: Plans["formatPrice"],
): void {
  out.write(`${plan.app} becomes the stack ${plan.stack}\n\n`);
  const rows = plan.functions.map(({ name, becomes, why, dollarsPerMillionCalls }) =>
    becomes === null
      ? [name, "refused", "-", "-", "-", why]
      : [name, "Lambda", `${becomes.memoryMiB} MB`, `${becomes.timeoutSeconds} s`, formatPrice(dollarsPerMillionCalls ?? 0), why],
  );
  out.write(formatTable(["FUNCTION", "BECOMES", "MEMORY", "TIMEOUT", "PRICE", "BECAUSE OF"], rows));
  const objects = plan.objects.map(({ kind, name, becomes, functions, price }) => [
    `${kind} ${name}`,
    functions.length === 0 ? "-" : functions.length === plan.functions.length ? "all" : functions.join(", "),
    becomes,
    price,
  ]);
  if (objects.length > 0) out.write(`\n${formatTable(["OBJECT", "USED BY", "BECOMES", "PRICE"], objects)}`);
  writeSettings(out, plan);
  const remarks = plan.functions.flatMap(({ name, refusals, notes }) => [...refusals, ...notes].map((text) => `${name}: ${text}\n`));
  if (remarks.length > 0) out.write(`\n${remarks.join("")}`);
  if (plan.differences.length > 0) out.write("\nWhere AWS differs from this machine\n");
  for (const { what, functions } of plan.differences) out.write(`  ${functions.join(", ")}: ${what}\n`);
  out.write(
    `\nPRICE is Lambda's, for a million calls of 100 ms on arm64; its time costs ${plan.prices.x86More * 100} % more on x86_64. Beside it\n`,
  );
  out.write(indented(plan.costs.map(({ what, dollars, per }) => [`${exactPrice(dollars, formatPrice)} a ${per}`, what])));
  out.write("\nWhile nothing is called, a month has\n");
  const idle = plan.idle.map(({ what, requestsPerMonth, dollarsPerMonth }) => [
    `${showNumber(requestsPerMonth)} requests`,
    formatPrice(dollarsPerMonth),
    what,
  ]);
  out.write(indented(idle));
  out.write(`List prices of ${plan.prices.region}, ${plan.prices.date}, before free tiers.\n`);
  for (const { who, may } of roles) out.write(`\nThe role of ${who} may\n${may.map((line) => `  ${line}\n`).join("")}`);
}

/** Rows in columns, two spaces from the edge. */
function indented(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => `  ${row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join("  ")}\n`).join("");
}

/** A price below a cent is of interest where it is that of one call. */
function exactPrice(dollars: number, formatPrice: Plans["formatPrice"]): string {
  return dollars > 0 && dollars < 0.01 ? `$${dollars.toFixed(4)}` : formatPrice(dollars);
}

/** What the App says of itself as a whole, and what it permits its code. */
function writeSettings(out: Output, { functions: all, settings, permissions }: ReturnType<Plans["planApp"]>): void {
  out.write("\nThe App as a whole\n");
  for (const { option, becomes, price } of settings) out.write(`  ${option}: ${becomes}${price === null ? "" : ` (${price})`}\n`);
  const permitted = permissions.map(({ functions, actions, resources }) => [
    functions.length === all.length ? "all" : functions.join(", "),
    actions.join(", "),
    resources.join(", "),
  ]);
  if (permitted.length > 0) out.write(`\n${formatTable(["FUNCTION", "MAY", "ON"], permitted)}`);
}
