import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { createAwsDict } from "../../../src/adapters/dict/aws.ts";
import { DICT_ACTIONS, type DictTarget } from "../../../src/adapters/dict/iam.ts";
import { OBJECTS_INDEX } from "../../../src/model/aws-names.ts";
import type { DictPort } from "../../../src/ports/dict.ts";
import type { ObjectInfo } from "../../../src/ports/named-objects.ts";
import { sweep } from "../../../src/runtime/lambda/sweeper.ts";
import { encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";
import { createUser } from "../../helpers/account.ts";
import { describeAws, emulatedAws } from "../../helpers/emulator.ts";
import { skipWithGap } from "../../helpers/gaps.ts";
import { openTestAwsDict, type TestAwsDict } from "./aws-dict.ts";

// Each operation by a user who has the actions that are listed for it, on the rows and objects of one Dict, and no other.
const aws = await emulatedAws();
const DAY_MS = 24 * 60 * 60 * 1_000;
const [inline, row, object] = [encode("x"), encode("y".repeat(10_000)), encode(Buffer.alloc(200_000))];
const key = encodeKey;
/** The id of a Dict that is not there any more. */
const GONE = "di-gone";
let opened: TestAwsDict;
let users = 0;

beforeAll(async () => {
  if (!aws.missing) opened = await openTestAwsDict(aws.account);
});
afterAll(() => opened?.close());

type Actions = Partial<Readonly<Record<DictTarget, readonly string[]>>>;

/** The statements of such a user. */
function statementsOf({ rows = [], index = [], objects = [], bucket = [] }: Actions, name: string): readonly object[] {
  const table = `arn:aws:dynamodb:${aws.account.region}:${aws.account.accountId}:table/${opened.bucket}`;
  const allow = (Action: readonly string[], Resource: string, Condition?: object): object[] =>
    Action.length === 0 ? [] : [{ Effect: "Allow", Action, Resource, ...(Condition === undefined ? {} : { Condition }) }];
  const keys = { "dynamodb:LeadingKeys": name === "*" ? ["*"] : [`dict#${name}#*`] };
  return [
    ...allow(rows, table, { "ForAllValues:StringLike": keys, Null: { "dynamodb:LeadingKeys": "false" } }),
    ...allow(index, `${table}/index/${OBJECTS_INDEX}`),
    ...allow(objects, `arn:aws:s3:::${opened.bucket}/dict/${name}${name === "*" ? "" : "/*"}`),
    ...allow(bucket, `arn:aws:s3:::${opened.bucket}`),
  ];
}

/** The Dicts of the table, seen by a user with these actions. */
async function asUser(actions: Actions, name: string) {
  const { accessKeyId, secretAccessKey } = await createUser(aws.account, `user-${++users}`, statementsOf(actions, name));
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  const clients = createAwsClients({ region: aws.account.region, endpoint: aws.account.endpoint });
  const { bucket, nowMs } = opened;
  const table = clients.data(bucket);
  const objects = {
    put: (to: string, bytes: Uint8Array) => clients.s3.put(bucket, to, bytes),
    find: (from: string) => clients.s3.find(bucket, from),
    remove: (keys: readonly string[]) => clients.s3.remove(bucket, keys),
  };
  return { clients, table, objects, dict: createAwsDict({ environment: "dev", table, objects, nowMs }) };
}

async function all(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages);
}

/** What each operation is asked to do, so that it sends all that it can send. */
const ASKED: Readonly<Record<Exclude<keyof typeof DICT_ACTIONS, "sweep">, (dict: DictPort, ref: ObjectInfo) => Promise<unknown>>> = {
  open: async (dict, { name }) => {
    await dict.open(name);
    await dict.open(`${name}-${users}`, { createIfMissing: true });
  },
  create: (dict, { name }) => dict.create(name, { allowExisting: true }),
  createEphemeral: (dict) => dict.createEphemeral(),
  heartbeat: (dict, ref) => dict.heartbeat(ref),
  info: (dict, ref) => dict.info(ref),
  list: (dict) => dict.list(),
  delete: (dict, { name }) => dict.delete(name),
  deleteEphemeral: (dict, ref) => dict.deleteEphemeral(ref),
  get: async (dict, ref) => {
    for (const at of ["inline", "row", "object", "missing"]) await dict.get(ref, key(at));
  },
  put: async (dict, ref) => {
    for (const value of [inline, row, object, row, inline]) await dict.put(ref, key("put"), value);
    for (const value of [inline, object]) await dict.put(ref, key("put"), value, { skipIfExists: true });
    await expect(dict.put({ ...ref, id: GONE }, key("put"), inline)).rejects.toThrow("has been deleted");
  },
  update: (dict, ref) =>
    dict.update(ref, [
      { key: key("inline"), value: row },
      { key: key("row"), value: object },
      { key: key("object"), value: inline },
    ]),
  pop: async (dict, ref) => {
    for (const at of ["inline", "row", "object", "missing"]) await dict.pop(ref, key(at));
  },
  contains: (dict, ref) => dict.contains(ref, key("missing")),
  len: (dict, ref) => dict.len(ref),
  clear: (dict, ref) => dict.clear(ref),
  keys: (dict, ref) => all(dict.keys(ref)),
  entries: (dict, ref) => all(dict.entries(ref)),
};

async function filled(name: string): Promise<ObjectInfo> {
  const ref = name === "~" ? await opened.dict.createEphemeral() : await opened.dict.create(name);
  for (const [at, value] of Object.entries({ inline, row, object })) await opened.dict.put(ref, key(at), value);
  // So that a read counts for the expiry of what it reads.
  opened.pass(2 * DAY_MS);
  return ref;
}

/** Does what an operation is asked, with these actions only; rejects when something of it was not done. */
async function attempt(operation: keyof typeof ASKED, actions: Actions): Promise<void> {
  const ref = await filled(operation === "deleteEphemeral" ? "~" : `iam-${operation}-${users}`);
  // The name of an ephemeral one is not known before it is made.
  const name = operation === "createEphemeral" || operation === "list" ? "*" : operation === "open" ? `${ref.name}*` : ref.name;
  const { dict, clients } = await asUser(actions, name);
  try {
    await ASKED[operation](dict, ref);
  } finally {
    clients.destroy();
  }
  const { rows: pairs } = await opened.table.page(`dict#${ref.name}#${ref.id}`, { prefix: "k#" });
  const { rows: values } = await opened.table.page(`dict#${ref.name}#${ref.id}`, { prefix: "v#" });
  const objects = (await opened.objectKeys()).filter((object) => object.startsWith(`dict/${ref.name}/`));
  // Each value has its pair: nothing was left that should have been removed.
  const apart = (at: string): number => pairs.filter((pair) => pair["at"] === at).length;
  expect([values.length, objects.length]).toEqual([apart("row"), apart("object")]);
  expect(await opened.rows(`dict#${ref.name}#${GONE}`)).toEqual([]);
  // What was read lives on from now.
  const soonest = opened.nowMs() / 1_000 + 6 * 24 * 60 * 60;
  if (operation === "get" || operation === "entries") expect(pairs.filter((pair) => Number(pair["expiresAt"]) < soonest)).toEqual([]);
}

const OPERATIONS = Object.keys(ASKED) as (keyof typeof ASKED)[];

describeAws(aws)("the actions listed for an operation on Dicts", { timeout: 60_000 }, () => {
  test.each(OPERATIONS)("allow %s", (operation) => attempt(operation, DICT_ACTIONS[operation]));

  test.for(OPERATIONS)("are all needed by %s", async (operation, context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    for (const [target, actions] of Object.entries(DICT_ACTIONS[operation] as Actions)) {
      for (const action of actions) {
        const fewer = { ...DICT_ACTIONS[operation], [target]: actions.filter((each) => each !== action) };
        await expect(attempt(operation, fewer), action).rejects.toThrow();
      }
    }
  });

  test("allow the sweep", async () => {
    await filled("~");
    const ref = await filled("iam-sweep");
    await opened.dict.delete(ref.name);
    await opened.objects.put(`dict/iam-sweep/${ref.id}/hash/version`, new Uint8Array(1));
    opened.pass(2 * DAY_MS);
    const { clients, ...user } = await asUser(DICT_ACTIONS.sweep, "*");
    const { bucket, nowMs } = opened;
    const report = await sweep(
      { ...user, nowMs, bucket: { list: (prefix, after) => clients.s3.list(bucket, prefix, after), remove: user.objects.remove } },
      () => true,
    );
    expect(report).toMatchObject({ finished: true });
    expect(Math.min(report.ephemeral, report.deleted, report.orphans)).toBeGreaterThan(0);
    clients.destroy();
  });

  test("reach no other Dict", async (context) => {
    skipWithGap(context, aws.account, "iam-enforced");
    const other = await filled("iam-other");
    for (const [operation, asked] of Object.entries(ASKED)) {
      if (operation === "list" || operation === "createEphemeral") continue;
      const actions = DICT_ACTIONS[operation as keyof typeof ASKED];
      const { dict, clients } = await asUser(actions, "iam-mine");
      await expect(asked(dict, other), operation).rejects.toThrow(/not authorized|Access ?Denied/i);
      clients.destroy();
    }
    expect(await opened.dict.len(other)).toBe(3);
  });
});
