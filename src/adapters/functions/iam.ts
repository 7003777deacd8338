/** What an action of the functions port is about: the Functions of an App, the objects of inputs and of outputs. */
export type FunctionsTarget = "functions" | "inObjects" | "outObjects";

/**
 * What each operation on a Function needs on AWS: by operation, what is touched, and the actions on it.
 *
 * `invoke` and `stream` are the caller's, values above the inline limit included; `run` is the Function's own side of it.
 */
export const FUNCTIONS_ACTIONS = {
  invoke: { functions: ["lambda:InvokeFunction"], inObjects: ["s3:PutObject"], outObjects: ["s3:GetObject"] },
  stream: { functions: ["lambda:InvokeFunction"], inObjects: ["s3:PutObject"], outObjects: ["s3:GetObject"] },
  run: { inObjects: ["s3:GetObject"], outObjects: ["s3:PutObject"] },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<FunctionsTarget, readonly string[]>>>>>;
