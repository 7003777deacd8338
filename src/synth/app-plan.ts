import { appStack, checkAwsEnvironment } from "../model/aws-names.ts";
import type { AppManifest } from "../model/manifest.ts";
import { KINDS } from "./kinds/index.ts";
import { PRICED, X86_MORE } from "./prices.ts";
import type { CostLine, Difference, IdleCost, PlannedFunction, PlannedObject } from "./plan-part.ts";
import { type PlannedPermission, type PlannedSetting, planPermissions, planSettings } from "./settings-plan.ts";

export { accountPolicies } from "./account-policies.ts";
export { formatPrice } from "./prices.ts";
export { planRoles } from "./role-words.ts";

/** What an App becomes on AWS. */
export interface AppPlan {
  readonly app: string;
  readonly environment: string;
  readonly stack: string;
  readonly functions: readonly PlannedFunction[];
  readonly objects: readonly PlannedObject[];
  /** What code may do on AWS beside what Tenon needs. */
  readonly permissions: readonly PlannedPermission[];
  readonly settings: readonly PlannedSetting[];
  readonly differences: readonly Difference[];
  /** What use costs, beside the Functions' own prices. */
  readonly costs: readonly CostLine[];
  readonly idle: readonly IdleCost[];
  /** Where and when the prices were read, and how much more Lambda's time costs on x86_64: 0.25 is a quarter. */
  readonly prices: { readonly region: string; readonly date: string; readonly x86More: number };
}

/**
 * What an App becomes on AWS, from the same data as its stack: each Function with the reason, and where AWS does not
 * give what was asked for. Nothing throws because of a Function that can't be there.
 */
export function planApp(manifest: AppManifest, environment: string): AppPlan {
  const stack = appStack(checkAwsEnvironment(environment), manifest.name);
  const parts = KINDS.map((kind) => kind.plan?.(manifest, environment) ?? {});
  return {
    app: manifest.name,
    environment,
    stack,
    functions: parts.flatMap(({ functions = [] }) => functions),
    objects: parts.flatMap(({ objects = [] }) => objects),
    permissions: planPermissions(manifest),
    settings: planSettings(manifest, environment),
    differences: parts.flatMap(({ differences = [] }) => differences).filter(({ functions }) => functions.length > 0),
    costs: parts.flatMap(({ costs = [] }) => costs),
    idle: parts.flatMap(({ idle = [] }) => idle),
    prices: { ...PRICED, x86More: X86_MORE },
  };
}
