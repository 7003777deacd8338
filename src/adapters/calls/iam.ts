/**
 * What an action of the calls port is about: rows of inputs, of outcomes, and markers of unfinished calls; objects of inputs and
 * of outputs; the Functions of an App; the queues that feed some of them; the queue of its dispatcher.
 */
export type CallsTarget = "inRows" | "outRows" | "dueRows" | "inObjects" | "outObjects" | "functions" | "inputQueues" | "queue";

/**
 * What each operation on durable calls needs on AWS: by operation, what is touched, and the actions on it.
 *
 * `spawn` to `status` are the caller's, `run` is the Function's own side, `dispatch` the dispatcher's.
 */
export const CALLS_ACTIONS = {
  spawn: {
    dueRows: ["dynamodb:PutItem"],
    inRows: ["dynamodb:PutItem", "dynamodb:GetItem"],
    inObjects: ["s3:PutObject"],
    functions: ["lambda:InvokeFunction"],
    inputQueues: ["sqs:GetQueueUrl", "sqs:SendMessage"],
  },
  get: { inRows: ["dynamodb:GetItem"], outRows: ["dynamodb:GetItem"], outObjects: ["s3:GetObject"] },
  status: { inRows: ["dynamodb:GetItem"], outRows: ["dynamodb:GetItem"] },
  cancel: {
    inRows: ["dynamodb:GetItem", "dynamodb:PutItem"],
    outRows: ["dynamodb:GetItem"],
    functions: ["lambda:InvokeFunction"],
  },
  run: {
    inRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
    outRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],
    dueRows: ["dynamodb:DeleteItem"],
    inObjects: ["s3:GetObject"],
    outObjects: ["s3:PutObject"],
    inputQueues: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
    queue: ["sqs:SendMessage"],
  },
  dispatch: {
    inRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem"],
    outRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],
    dueRows: ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
    outObjects: ["s3:PutObject"],
    functions: ["lambda:InvokeFunction"],
    inputQueues: ["sqs:GetQueueUrl", "sqs:SendMessage"],
    queue: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
  },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<CallsTarget, readonly string[]>>>>>;
