import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import { isPlainObject } from "./option-checks.ts";

/**
 * What code may do on AWS beside what Tenon's own objects need: actions of IAM on resources.
 *
 * @example
 * const permission = { actions: ["dynamodb:GetItem"], resources: ["arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/prices"] };
 */
export interface Permission {
  /** Such as `s3:GetObject` or `s3:Get*`. `*` is every action of every service. */
  readonly actions: readonly string[];
  /** ARNs, or `*` for all. They may hold `${AWS::Partition}`, `${AWS::Region}` and `${AWS::AccountId}`, in a string of plain quotes. */
  readonly resources: readonly string[];
}

/** The value of an option `permissions`, checked and copied. `what` begins the message of the `InvalidError` that a wrong one throws. */
export function resolvePermissions(what: string, permissions: unknown): readonly Permission[] {
  if (permissions === undefined) return [];
  if (!Array.isArray(permissions))
    throw new InvalidError(`${what}: permissions is ${showValue(permissions)}. It must be an array of { actions, resources }.`, {
      hint: EXAMPLE,
    });
  return permissions.map((each: unknown, index) => checkPermission(`${what}: permissions[${index}]`, each));
}

/** The same permissions in the one form that equal ones have: sorted, and none twice. */
export function canonicalPermissions(permissions: readonly Permission[]): readonly Permission[] {
  const sorted = permissions.map(({ actions, resources }) => ({ actions: distinct(actions), resources: distinct(resources) }));
  return distinct(sorted.map((each) => JSON.stringify(each))).map((text) => JSON.parse(text) as Permission);
}

/** The text with what stands for partition, region and account taken out; what is left must be free of `${`. */
export function withoutPseudoParameters(text: string): string {
  return text.replaceAll(/\$\{AWS::(?:Partition|Region|AccountId)\}/g, "");
}

// --- Internal helpers ---

const EXAMPLE = 'Write permissions: [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::my-bucket/*"] }].';

/** "Grammar of the IAM JSON policy language" in IAM's manual: a service's prefix, a colon, a name with wildcards. */
const ACTION = /^(?:\*|[a-z0-9-]+:[A-Za-z0-9*?]+)$/;
const RESOURCE = /^(?:\*|arn:[^\s]+)$/;

function checkPermission(what: string, permission: unknown): Permission {
  if (!isPlainObject(permission))
    throw new InvalidError(`${what} is ${showValue(permission)}. It must be { actions, resources }.`, { hint: EXAMPLE });
  const unknown = Object.keys(permission).find((key) => key !== "actions" && key !== "resources");
  if (unknown !== undefined)
    throw new InvalidError(`${what}: there is no \`${unknown}\` in a permission. It has actions and resources.`, {
      hint: "Add what needs a condition in a CDK app: AppConstruct is an IGrantable.",
    });
  return {
    actions: checkTexts(what, "actions", permission["actions"], checkAction),
    resources: checkTexts(what, "resources", permission["resources"], checkResource),
  };
}

function checkTexts(what: string, name: string, value: unknown, check: (what: string, text: string) => void): readonly string[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new InvalidError(`${what}: ${name} is ${showValue(value)}. It must be an array with at least one string.`, { hint: EXAMPLE });
  return value.map((text: unknown, index) => {
    if (typeof text !== "string") throw new InvalidError(`${what}: ${name}[${index}] is ${showValue(text)}. It must be a string.`);
    check(`${what}: ${name}[${index}]`, text);
    return text;
  });
}

function checkAction(what: string, action: string): void {
  if (ACTION.test(action)) return;
  throw new InvalidError(`${what} is ${showValue(action)}. It must be an action of IAM: service:Action.`, {
    hint: "Write something such as s3:GetObject.",
  });
}

function checkResource(what: string, resource: string): void {
  if (!RESOURCE.test(resource))
    throw new InvalidError(`${what} is ${showValue(resource)}. It must be an ARN, or * for all.`, {
      hint: "Write something such as arn:aws:s3:::my-bucket/*.",
    });
  if (withoutPseudoParameters(resource).includes("${"))
    throw new InvalidError(
      `${what} is ${showValue(resource)}. It may hold \${AWS::Partition}, \${AWS::Region} and \${AWS::AccountId}, and no other \${…}.`,
      { hint: "Write the name out, or put * in its place." },
    );
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
