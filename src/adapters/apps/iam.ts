/** What an action of the apps port is about: the parameters that hold what an App declares. */
export type AppsTarget = "parameters";

/** What each operation on Apps that a container uses needs on AWS: by operation, what is touched, and the actions on it. */
export const APPS_ACTIONS = {
  manifest: { parameters: ["ssm:GetParameters"] },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<AppsTarget, readonly string[]>>>>>;

/**
 * What people who work on an account touch: stacks, parameters, logs, the data table, Lambda functions, what feeds these from
 * queues, and the roles of the CDK's bootstrap. What feeds them is listed by an action that knows no resource (`anything`), and
 * so is the account's concurrency read.
 */
export type AccountTarget = "stacks" | "parameters" | "logs" | "dataTable" | "lambdas" | "sources" | "anything" | "roles";

/**
 * What people do on AWS by the command: to see what is deployed, to deploy, and to stop an App and start it again. The roles of
 * the CDK's bootstrap change stacks.
 */
export const ACCOUNT_ACTIONS = {
  see: {
    stacks: ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
    parameters: ["ssm:GetParameters", "ssm:GetParametersByPath"],
    logs: ["logs:FilterLogEvents"],
    lambdas: ["lambda:GetFunctionConcurrency"],
  },
  deploy: { roles: ["sts:AssumeRole"], dataTable: ["dynamodb:DescribeTable"], anything: ["lambda:GetAccountSettings"] },
  stop: {
    lambdas: ["lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"],
    sources: ["lambda:UpdateEventSourceMapping"],
    anything: ["lambda:ListEventSourceMappings"],
  },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<AccountTarget, readonly string[]>>>>>;
