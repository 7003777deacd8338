/**
 * What an action of the calls port is about: rows of inputs, of outcomes, and of call ids; objects of inputs and of
 * outputs; the Functions of an App; the queues that feed some of them; the queue of its dispatcher.
 */
export type CallsTarget = "inRows" | "outRows" | "refRows" | "inObjects" | "outObjects" | "functions" | "inputQueues" | "queue";

/**
 * What each operation on durable calls needs on AWS: by operation, what is touched, and the actions on it.
 *
 * `spawn` to `status` are the caller's, `run` is the Function's own side, `dispatch` the dispatcher's.
 */
export const CALLS_ACTIONS = {
  spawn: {
    inRows: ["dynamodb:PutItem"],
    refRows: ["dynamodb:PutItem", "dynamodb:GetItem"],
    inObjects: ["s3:PutObject"],
    functions: ["lambda:InvokeFunction"],
    inputQueues: ["sqs:GetQueueUrl", "sqs:SendMessage"],
  },
  get: {
    refRows: ["dynamodb:GetItem"],
    inRows: ["dynamodb:BatchGetItem"],
    outRows: ["dynamodb:BatchGetItem"],
    outObjects: ["s3:GetObject"],
  },
  status: { refRows: ["dynamodb:GetItem"], inRows: ["dynamodb:BatchGetItem"], outRows: ["dynamodb:BatchGetItem"] },
  cancel: {
    refRows: ["dynamodb:GetItem"],
    inRows: ["dynamodb:BatchGetItem", "dynamodb:PutItem"],
    outRows: ["dynamodb:BatchGetItem"],
    functions: ["lambda:InvokeFunction"],
  },
  run: {
    inRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:DeleteItem"],
    outRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],
    inObjects: ["s3:GetObject"],
    outObjects: ["s3:PutObject"],
    inputQueues: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
    queue: ["sqs:SendMessage"],
  },
  dispatch: {
    inRows: ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:Query"],
    outRows: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"],
    outObjects: ["s3:PutObject"],
    functions: ["lambda:InvokeFunction"],
    inputQueues: ["sqs:GetQueueUrl", "sqs:SendMessage"],
    queue: ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
  },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<CallsTarget, readonly string[]>>>>>;
