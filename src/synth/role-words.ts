import type { AppManifest } from "../model/manifest.ts";
import { type Resource, textOf } from "./arns.ts";
import { KINDS } from "./kinds/index.ts";
import { plannedRoleSettings, settingsStatements } from "./settings-statements.ts";
import { roleStatements, type Statement } from "./statements.ts";

/** What a role may do, in words and as it is deployed. */
export interface PlannedRole {
  readonly who: string;
  /** One thing each, such as `write rows in#goukyr3on7g2spfx* of the table tenon-dev-calls-ygwbfgngemzolfi6`. */
  readonly may: readonly string[];
  readonly statements: readonly Statement[];
}

/** The roles of an App's stack. */
export function planRoles(manifest: AppManifest, environment: string): readonly PlannedRole[] {
  return KINDS.flatMap((kind) => kind.roles?.(manifest, environment) ?? []).map((role) => {
    const { own, named, permitted } = roleStatements(role);
    const statements = [...own, ...settingsStatements(plannedRoleSettings(manifest), role.actor), ...named, ...permitted];
    return { who: role.who, may: statements.flatMap(wordsOf), statements };
  });
}

// --- Internal helpers ---

/** Of those actions that are Lambda's own. */
const LOG_VERBS: Readonly<Record<string, string>> = {
  "logs:CreateLogStream": "write",
  "logs:PutLogEvents": "write",
  "xray:PutTelemetryRecords": "send traces to",
  "xray:PutTraceSegments": "send traces to",
};

const NOUNS: readonly (readonly [RegExp, string])[] = [
  [/^arn:[^:]*:s3:::(.*)$/, "the objects"],
  [/:parameter(\/.*)$/, "the parameters"],
  [/:table\/(.*)$/, "the table"],
  [/:function:(.*)$/, "the Lambda function"],
  [/:log-group:(.*):\*$/, "the log"],
  [/^arn:[^:]*:kms:.*:key\/(.*)$/, "the key"],
  [/^arn:[^:]*:sqs:.*:([^:]*)$/, "the queue"],
];

/** A line for each resource; what IAM's condition narrows it to comes first. An action without a word keeps its own. */
function wordsOf({ Action, Resource, Condition }: Statement): readonly string[] {
  const words: Readonly<Record<string, string>> = Object.assign({}, LOG_VERBS, ...KINDS.map(({ verbs }) => verbs));
  const verbs = [...new Set(Action.map((action) => words[action] ?? action))].join(", ");
  const keys = Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
  const rows = keys === undefined ? "" : `rows ${[keys].flat().join(", ")} of `;
  return Resource.map((arn) => `${verbs} ${rows}${nounOf(arn)}`);
}

function nounOf(of: Resource): string {
  if (of === "*") return "every resource of every account that lets it";
  const arn = textOf(of).replaceAll(/\$\{AWS::(\w+)\}/g, "<$1>");
  for (const [pattern, noun] of NOUNS) {
    const name = pattern.exec(arn)?.[1];
    if (name !== undefined) return `${noun} ${name}`;
  }
  return arn;
}
