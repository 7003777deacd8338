/** What an action of the dict port is about: rows of the data table, its index of objects, objects in the bucket, and the bucket. */
export type DictTarget = "rows" | "index" | "objects" | "bucket";

/**
 * What each operation on Dicts needs on AWS: by operation, what is touched, and the actions on it. Of rows and objects it
 * touches those of its own Dict only: partitions `dict#<name>#…` and keys `dict/<name>/…`.
 *
 * `list` is for people: the index holds the rows of all Dicts. `sweep` is the environment's sweeper's.
 */
export const DICT_ACTIONS = {
  open: { rows: ["dynamodb:GetItem", "dynamodb:PutItem"] },
  create: { rows: ["dynamodb:PutItem"] },
  createEphemeral: { rows: ["dynamodb:PutItem"] },
  heartbeat: { rows: ["dynamodb:UpdateItem"] },
  info: { rows: ["dynamodb:GetItem"] },
  list: { index: ["dynamodb:Query"], rows: ["dynamodb:BatchGetItem"] },
  delete: {
    rows: ["dynamodb:GetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchWriteItem"],
    objects: ["s3:DeleteObject"],
  },
  deleteEphemeral: {
    rows: ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:BatchWriteItem"],
    objects: ["s3:DeleteObject"],
  },
  get: { rows: ["dynamodb:GetItem", "dynamodb:UpdateItem"], objects: ["s3:GetObject"] },
  put: {
    rows: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"],
    objects: ["s3:PutObject", "s3:DeleteObject"],
  },
  update: {
    rows: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"],
    objects: ["s3:PutObject", "s3:DeleteObject"],
  },
  pop: { rows: ["dynamodb:GetItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"], objects: ["s3:GetObject", "s3:DeleteObject"] },
  contains: { rows: ["dynamodb:GetItem"] },
  len: { rows: ["dynamodb:GetItem", "dynamodb:Query"] },
  clear: { rows: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem"], objects: ["s3:DeleteObject"] },
  keys: { rows: ["dynamodb:GetItem", "dynamodb:Query"] },
  entries: {
    rows: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    objects: ["s3:GetObject"],
  },
  sweep: {
    index: ["dynamodb:Query"],
    rows: [
      "dynamodb:GetItem",
      "dynamodb:BatchGetItem",
      "dynamodb:Query",
      "dynamodb:PutItem",
      "dynamodb:DeleteItem",
      "dynamodb:BatchWriteItem",
    ],
    objects: ["s3:DeleteObject"],
    bucket: ["s3:ListBucket"],
  },
} as const satisfies Readonly<Record<string, Partial<Readonly<Record<DictTarget, readonly string[]>>>>>;
