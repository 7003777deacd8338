import type { AppManifest } from "../model/manifest.ts";
import { dispatcherStatements, functionStatements, type RoleStatements, type Statement, statementScope } from "./statements.ts";

/** What a role may do, in words and as it is deployed. */
export interface PlannedRole {
  readonly who: string;
  /** One thing each, such as `write rows in#shop#*, call#* of the table tenon-dev-calls-1a2b3c4d`. */
  readonly may: readonly string[];
  readonly statements: readonly Statement[];
}

/** The roles of an App's stack. */
export function planRoles(manifest: AppManifest, environment: string): readonly PlannedRole[] {
  const scope = statementScope(environment, manifest);
  const role = (who: string, { own, named }: RoleStatements): PlannedRole => {
    const statements = [...own, ...named];
    return { who, may: statements.flatMap(wordsOf), statements };
  };
  return [
    role(`every Function of ${manifest.name} (they share a role)`, functionStatements(scope)),
    role("the dispatcher", dispatcherStatements(scope)),
  ];
}

// --- Internal helpers ---

const VERBS: Readonly<Record<string, string>> = {
  "dynamodb:BatchGetItem": "read",
  "dynamodb:DeleteItem": "remove",
  "dynamodb:GetItem": "read",
  "dynamodb:PutItem": "write",
  "dynamodb:Query": "list",
  "lambda:InvokeFunction": "call",
  "logs:CreateLogStream": "write",
  "logs:PutLogEvents": "write",
  "s3:GetObject": "read",
  "s3:PutObject": "write",
  "sqs:ChangeMessageVisibility": "take messages of",
  "sqs:DeleteMessage": "take messages of",
  "sqs:GetQueueAttributes": "take messages of",
  "sqs:GetQueueUrl": "find",
  "sqs:ReceiveMessage": "take messages of",
  "sqs:SendMessage": "send to",
  "ssm:GetParameter": "read",
};

const NOUNS: readonly (readonly [RegExp, string])[] = [
  [/^arn:[^:]*:s3:::(.*)$/, "the objects"],
  [/:parameter(\/.*)$/, "the parameters"],
  [/:table\/(.*)$/, "the table"],
  [/:function:(.*)$/, "the Lambda function"],
  [/:log-group:(.*):\*$/, "the log"],
  [/^arn:[^:]*:sqs:.*:([^:]*)$/, "the queue"],
];

/** A line for each resource; what IAM's condition narrows it to comes first. An action without a word keeps its own. */
function wordsOf({ Action, Resource, Condition }: Statement): readonly string[] {
  const verbs = [...new Set(Action.map((action) => VERBS[action] ?? action))].join(", ");
  const keys = Condition?.["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
  const rows = keys === undefined ? "" : `rows ${[keys].flat().join(", ")} of `;
  return Resource.map((arn) => `${verbs} ${rows}${nounOf(arn["Fn::Sub"])}`);
}

function nounOf(template: string): string {
  const arn = template.replaceAll(/\$\{AWS::(\w+)\}/g, "<$1>");
  for (const [pattern, noun] of NOUNS) {
    const name = pattern.exec(arn)?.[1];
    if (name !== undefined) return `${noun} ${name}`;
  }
  return arn;
}
