import { ACCOUNT_ACTIONS, type AccountTarget } from "../adapters/apps/iam.ts";
import { callsTable, checkAwsEnvironment, dataTable, environmentStack } from "../model/aws-names.ts";
import { resolveFunctionOptions } from "../model/function-options.ts";
import type { AppManifest } from "../model/manifest.ts";
import { arn, textOf } from "./arns.ts";
import type { Touched } from "./kinds/kind.ts";
import { callerScope } from "./scope.ts";
import { callerStatements, operationStatements, outsideStatements, type Statement } from "./statements.ts";

/** What a person or a program outside of Apps may do in an environment, by the name of its policy. */
export const POLICIES = ["deployer", "caller", "reader", "data"] as const;

/** The name of a policy. */
export type PolicyName = (typeof POLICIES)[number];

/** A policy as IAM takes it. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyPart[];
}

/** One statement of such a policy. */
export interface PolicyPart {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: NonNullable<Statement["Condition"]>;
}

/** For which environment a policy is, and which bootstrap of the CDK deploys into it. */
export interface PolicyParams {
  /** `null`: every environment. */
  readonly environment: string | null;
  /** Of the CDK's bootstrap. @default "hnb659fds", the CDK's own */
  readonly qualifier?: string | undefined;
}

/** Characters of a managed policy without white space, as IAM's quota has it. */
const MAX_POLICY_CHARACTERS = 6_144;

/**
 * A policy for whoever works in an environment from outside, in as many documents as IAM's limit needs (one, today). It names
 * no partition, account or region: a policy holds in its own account only.
 *
 * - `deployer` deploys and destroys by the roles of the CDK's bootstrap, sees, stops and starts what is deployed, and calls it. Those roles change
 *   every stack of the account: whoever may take them on is trusted with all of it.
 * - `caller` calls Functions of every App, durably too, and gets what they give back.
 * - `reader` sees what is deployed and logged, the outcomes of calls, and objects; it changes nothing.
 * - `data` works with objects, such as Dicts, by the command or from a program that is no App's.
 */
export function accountPolicies(name: PolicyName, { environment, qualifier = "hnb659fds" }: PolicyParams): readonly PolicyDocument[] {
  const known = environment === null ? ANY_ENVIRONMENT : checkAwsEnvironment(environment);
  const parts = STATEMENTS[name](known, qualifier).map((each) => partOf(each, environment === null));
  return packed(parts);
}

// --- Internal helpers ---

/** Stands in names where every environment is meant. */
const ANY_ENVIRONMENT = "anyenvironment0";
const ALL_PARAMETERS = new RegExp(`parameter/tenon/${ANY_ENVIRONMENT}/\\*$`);

const STATEMENTS: Readonly<Record<PolicyName, (environment: string, qualifier: string) => readonly Statement[]>> = {
  deployer: (environment, qualifier) => [
    ...operationStatements([ACCOUNT_ACTIONS.see, ACCOUNT_ACTIONS.deploy, ACCOUNT_ACTIONS.stop], accountTargets(environment, qualifier)),
    // Its own statements say the same of parameters.
    ...everyApp(environment).filter(({ Action }) => !Action.includes("ssm:GetParameters")),
  ],
  caller: everyApp,
  reader: (environment, qualifier) => [
    ...operationStatements([ACCOUNT_ACTIONS.see], accountTargets(environment, qualifier)),
    ...onlyReading([
      ...everyApp(environment).filter(({ Action }) => !Action.includes("ssm:GetParameters")),
      ...outsideStatements(environment),
    ]),
  ],
  data: outsideStatements,
};

function accountTargets(environment: string, qualifier: string): Readonly<Record<AccountTarget, Touched>> {
  const stack = environmentStack(environment);
  const role = (kind: string): { "Fn::Sub": string } => ({
    "Fn::Sub": `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-${qualifier}-${kind}-role-*`,
  });
  return {
    stacks: { resources: [arn("cloudformation", `stack/${stack}/*`), arn("cloudformation", `stack/${stack}-*/*`)] },
    parameters: { resources: [arn("ssm", `parameter/tenon/${environment}/*`)] },
    logs: { resources: [arn("logs", `log-group:/tenon/${environment}/*`)] },
    dataTable: { resources: [arn("dynamodb", `table/${dataTable(environment)}`)] },
    lambdas: { resources: [arn("lambda", `function:${stack}-*`)] },
    sources: { resources: [arn("lambda", "event-source-mapping:*")] },
    anything: { resources: [{ "Fn::Sub": "*" }] },
    roles: { resources: ["deploy", "file-publishing", "lookup"].map(role) },
  };
}

/** What calling takes, of every App: what is the same in the statements of two of them, and a pattern where they differ. */
function everyApp(environment: string): readonly Statement[] {
  const [of, other] = ["a", "b"].map((name) => callerStatements(callerScope(environment, appNamed(name), [name]))) as [
    readonly Statement[],
    readonly Statement[],
  ];
  return JSON.parse(patterns(JSON.stringify(of), JSON.stringify(other))) as readonly Statement[];
}

/** An App with all that calls can touch. */
function appNamed(name: string): AppManifest {
  const functions = { [name]: resolveFunctionOptions(name, "function", { maxContainers: 2 }) };
  return { name, tags: {}, files: [], external: [], maxCallDepth: 32, functions, entrypoints: {} };
}

/** Two texts of JSON, made one: a string that differs becomes its common beginning, up to a delimiter, and `*`. */
function patterns(text: string, other: string): string {
  const others = other.match(STRING) ?? [];
  let i = 0;
  return text.replaceAll(STRING, (string) => {
    const twin = others[i++] ?? string;
    if (twin === string) return string;
    let same = 0;
    while (string[same] === twin[same]) same++;
    return `${/^.*[-#/:]/.exec(string.slice(0, same))?.[0] ?? '"'}*"`;
  });
}

const STRING = /"[^"]*"/g;
const READING = /^(?:dynamodb:(?:Get|BatchGet|Query)|s3:Get)/;

function onlyReading(statements: readonly Statement[]): readonly Statement[] {
  return statements
    .map((each) => ({ ...each, Action: each.Action.filter((action) => READING.test(action)) }))
    .filter(({ Action }) => Action.length > 0);
}

/** A statement without what only a template knows. Policies have no name for their own partition. */
function partOf({ Effect, Action, Resource, Condition }: Statement, every: boolean): PolicyPart {
  const name = (resource: Statement["Resource"][number]): string => {
    const pattern = textOf(resource).replaceAll(/\$\{AWS::\w+\}/g, "*");
    if (!every) return pattern;
    return (
      pattern
        .replaceAll(callsTable(ANY_ENVIRONMENT), "tenon-*-calls-*")
        .replaceAll(dataTable(ANY_ENVIRONMENT), "tenon-*-data-*")
        // Whoever sees all environments lists them by the path above them.
        .replace(ALL_PARAMETERS, "parameter/tenon/*")
        .replaceAll(ANY_ENVIRONMENT, "*")
    );
  };
  return { Effect, Action, Resource: Resource.map(name), ...(Condition === undefined ? {} : { Condition }) };
}

/** As few documents as hold all statements. */
function packed(parts: readonly PolicyPart[]): readonly PolicyDocument[] {
  const documents: PolicyPart[][] = [[]];
  for (const part of parts) {
    const last = documents.at(-1)!;
    if (last.length > 0 && JSON.stringify(documentOf([...last, part])).length > MAX_POLICY_CHARACTERS) documents.push([part]);
    else last.push(part);
  }
  return documents.map(documentOf);
}

function documentOf(parts: readonly PolicyPart[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: parts };
}
