import { canonicalPermissions } from "../model/permissions.ts";
import { arn, type Resource, resource, type Sub } from "./arns.ts";
import { KINDS } from "./kinds/index.ts";
import type { Actor, Operation, Role, Scope, Touched } from "./kinds/kind.ts";

/** One statement of a policy; always `Allow`. */
export interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly Resource[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[] | string>>>>;
}

/** What a role may do. */
export interface RoleStatements {
  readonly own: readonly Statement[];
  /** Grants whose number grows with what the App declares. Each statement fits in a managed policy. */
  readonly named: readonly Statement[];
  /** What the App and its Functions permit their own code. */
  readonly permitted: readonly Statement[];
}

/** What a role may do: the operations of its actor, of every kind, Lambda's writing of its log, and what the user permits. */
export function roleStatements({ actor, scope, log, permissions = [] }: Role): RoleStatements {
  const permitted = canonicalPermissions(permissions).map(({ actions, resources }) => allow(actions, resources.map(resource)));
  return { ...withLog(statementsOf(actor, scope), log), permitted };
}

/** What an environment's sweeper may do, and Lambda's writing of its log. */
export function sweeperStatements(environment: string, log: string): RoleStatements {
  const grants = KINDS.flatMap(({ sweeps }) => {
    if (sweeps === undefined) return [];
    const { operation, touches } = sweeps(environment);
    return grantsOf([operation], touches);
  });
  return withLog(joined(grants), log);
}

/** What people do with the objects of an environment by the command, or from a program that is no App's. */
export function outsideStatements(environment: string): readonly Statement[] {
  const grants = KINDS.flatMap(({ outside }) => {
    if (outside === undefined) return [];
    const { operations, touches } = outside(environment);
    return grantsOf(operations, touches);
  });
  return joined(grants).own;
}

/** What operations need of what they touch. */
export function operationStatements(operations: readonly Operation[], touches: Readonly<Record<string, Touched>>): readonly Statement[] {
  return joined(grantsOf(operations, touches)).own;
}

/** What somebody outside an App needs to call these Functions of it, durably too, and to get what they give back. */
export function callerStatements(scope: Scope): readonly Statement[] {
  const { own, named } = statementsOf("caller", scope);
  return [...own, ...named];
}

/** Names, of resources or of partitions, in one statement: 40 of the longest, 144 characters, stay below the 6,144 of a managed policy. */
export const NAMES_PER_STATEMENT = 40;

/** What a statement names that may be many: partitions of rows, else resources. */
export function namesIn({ Resource, Condition }: Statement): readonly unknown[] {
  return (Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] as readonly string[] | undefined) ?? Resource;
}

// --- Internal helpers ---

/** An action on something that it touches. */
interface Grant {
  readonly action: string;
  readonly on: Touched;
}
type RowGrant = Grant & { readonly on: Extract<Touched, { readonly table: string }> };
type ResourceGrant = Grant & { readonly on: Extract<Touched, { readonly resources: readonly Sub[] }> };
/** A statement before it is cut. */
interface Whole {
  readonly statement: Statement;
  readonly grows: boolean;
}

function statementsOf(actor: Actor, scope: Scope): RoleStatements {
  return joined(KINDS.flatMap((kind) => grantsOf(kind.operations[actor] ?? [], kind.touches(scope))));
}

function grantsOf(operations: readonly Operation[], touches: Readonly<Record<string, Touched>>): readonly Grant[] {
  return Object.entries(touches).flatMap(([target, on]) =>
    operations.flatMap((operation) => (operation[target] ?? []).map((action): Grant => ({ action, on }))),
  );
}

function withLog({ own, ...others }: RoleStatements, log: string): RoleStatements {
  const write = allow(["logs:CreateLogStream", "logs:PutLogEvents"], [arn("logs", `log-group:${log}:*`)]);
  return { own: [...own, write], ...others };
}

/** As few statements as say the same. */
function joined(grants: readonly Grant[]): RoleStatements {
  const whole = [...rowStatements(grants.filter(isOnRows)), ...resourceStatements(grants.filter(isOnResources))];
  return {
    own: whole.filter(({ grows }) => !grows).map(({ statement }) => statement),
    named: whole.filter(({ grows }) => grows).flatMap(({ statement }) => cut(statement)),
    permitted: [],
  };
}

/**
 * A request may touch rows of several things, and must then be allowed by one statement as a whole: so an action on a table
 * has one statement, with every partition that it may touch.
 */
function rowStatements(grants: readonly RowGrant[]): readonly Whole[] {
  return [...groupBy(grants, ({ on }) => on.table)].flatMap(([table, onTable]) => {
    const byAction = [...groupBy(onTable, ({ action }) => action)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const reaches = byAction.map(([action, each]) => ({
      action,
      keys: [...new Set(each.flatMap(({ on }) => on.partitions))],
      grows: each.some(({ on }) => on.grows === true),
    }));
    return [...groupBy(reaches, ({ keys }) => keys.join(" "))].map(([, [first, ...others]]) => {
      const actions = [first!, ...others].map(({ action }) => action);
      return { statement: allowRows(actions, table, first!.keys), grows: first!.grows };
    });
  });
}

/** One statement for each list of resources that something touches. */
function resourceStatements(grants: readonly ResourceGrant[]): readonly Whole[] {
  const groups = groupBy(
    grants.filter(({ on }) => on.resources.length > 0),
    ({ on }) => JSON.stringify(on.resources),
  );
  return [...groups].map(([, group]) => {
    const actions = [...new Set(group.map(({ action }) => action))].toSorted();
    const { resources, grows = false } = group[0]!.on;
    return { statement: allow(actions, resources), grows };
  });
}

/** What grows may be cut: a request touches one Function, one queue, or rows of one object. */
function cut(statement: Statement): readonly Statement[] {
  const { Action, Resource, Condition } = statement;
  if (Condition === undefined) return chunks(Resource).map((part) => allow(Action, part));
  const keys = Condition["ForAllValues:StringLike"]!["dynamodb:LeadingKeys"] as readonly string[];
  return chunks(keys).map((part) => ({ ...statement, Condition: onlyKeys(part) }));
}

function allow(actions: readonly string[], resources: readonly Resource[]): Statement {
  return { Effect: "Allow", Action: actions, Resource: resources };
}

function allowRows(actions: readonly string[], table: string, keys: readonly string[]): Statement {
  return { ...allow(actions, [arn("dynamodb", `table/${table}`)]), Condition: onlyKeys(keys) };
}

function onlyKeys(keys: readonly string[]): NonNullable<Statement["Condition"]> {
  // ForAllValues is true of a request without keys.
  return { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys }, Null: { "dynamodb:LeadingKeys": "false" } };
}

function isOnRows(grant: Grant): grant is RowGrant {
  return "table" in grant.on;
}

function isOnResources(grant: Grant): grant is ResourceGrant {
  return "resources" in grant.on;
}

function chunks<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / NAMES_PER_STATEMENT);
  return Array.from({ length: count }, (_, i) => all.slice(i * NAMES_PER_STATEMENT, (i + 1) * NAMES_PER_STATEMENT));
}

function groupBy<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}
