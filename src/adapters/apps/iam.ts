/** What an action of the apps port is about: the parameters that hold what an App declares. */
export type AppsTarget = "parameters";

/** What each operation on Apps that a container uses needs on AWS: by operation, what is touched, and the actions on it. */
export const APPS_ACTIONS = {
  manifest: { parameters: ["ssm:GetParameters"] },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<AppsTarget, readonly string[]>>>>>;

/** What people who work on an account touch: stacks, parameters, logs, the data table, and the roles of the CDK's bootstrap. */
export type AccountTarget = "stacks" | "parameters" | "logs" | "dataTable" | "roles";

/** What people do on AWS by the command: to see what is deployed, and to deploy. The roles of the CDK's bootstrap change it. */
export const ACCOUNT_ACTIONS = {
  see: {
    stacks: ["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
    parameters: ["ssm:GetParameter", "ssm:GetParametersByPath"],
    logs: ["logs:FilterLogEvents"],
  },
  deploy: { roles: ["sts:AssumeRole"], dataTable: ["dynamodb:DescribeTable"] },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<AccountTarget, readonly string[]>>>>>;
