/**
 * What an action of the functions port is about: the Functions of an App, the objects of inputs and of outputs, the
 * parameters that hold what an App declares.
 */
export type FunctionsTarget = "functions" | "inObjects" | "outObjects" | "parameters";

/**
 * What each operation on a Function needs on AWS: by operation, what is touched, and the actions on it.
 *
 * `invoke` and `stream` are the caller's, values above the inline limit included; `run` is the Function's own side of it,
 * `find` what a name of an App leads to.
 */
export const FUNCTIONS_ACTIONS = {
  invoke: { functions: ["lambda:InvokeFunction"], inObjects: ["s3:PutObject"], outObjects: ["s3:GetObject"] },
  stream: { functions: ["lambda:InvokeFunction"], inObjects: ["s3:PutObject"], outObjects: ["s3:GetObject"] },
  find: { parameters: ["ssm:GetParametersByPath"] },
  run: { inObjects: ["s3:GetObject"], outObjects: ["s3:PutObject"] },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<FunctionsTarget, readonly string[]>>>>>;
