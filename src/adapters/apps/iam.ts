/** What an action of the apps port is about: the parameters that hold what an App declares. */
export type AppsTarget = "parameters";

/** What each operation on Apps that a container uses needs on AWS: by operation, what is touched, and the actions on it. */
export const APPS_ACTIONS = {
  manifest: { parameters: ["ssm:GetParameters"] },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<AppsTarget, readonly string[]>>>>>;
