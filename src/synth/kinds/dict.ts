import { DICT_ACTIONS, type DictTarget } from "../../adapters/dict/iam.ts";
import { dataTable, dictObject, dictPartition, OBJECTS_INDEX, sweepPartition } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { coversObject, type ObjectReach, reachOf } from "../../model/reach.ts";
import { arn, bucketArn, objectArn } from "../arns.ts";
import type { CostLine, PlannedObject } from "../plan-part.ts";
import { formatPrice, PRICES } from "../prices.ts";
import type { Kind, Scope, Touched } from "./kind.ts";

const { list, sweep, ...used } = DICT_ACTIONS;

/**
 * What an operation on one pair takes, from which `plan` reckons; docs/costs.md has other sizes. `small` values fit with their
 * key into a row of 1 KB; `large` ones, above 16 KiB, lie in S3.
 */
export const DICT_UNITS = {
  small: { put: { writes: 1 }, get: { reads: 1 } },
  large: { put: { writes: 1, s3Puts: 1 }, get: { reads: 1, s3Gets: 1 } },
} as const;

/** Dicts: rows of the environment's data table, and objects of its bucket. No App makes a resource for one. */
export const dict: Kind = {
  operations: { function: Object.values(used) },
  touches,
  verbs: {
    "dynamodb:BatchGetItem": "read",
    "dynamodb:BatchWriteItem": "write",
    "dynamodb:DeleteItem": "remove",
    "dynamodb:GetItem": "read",
    "dynamodb:PutItem": "write",
    "dynamodb:Query": "list",
    "dynamodb:UpdateItem": "write",
    "s3:DeleteObject": "remove",
    "s3:GetObject": "read",
    "s3:PutObject": "write",
  },
  plan: (manifest, environment) => {
    const objects = objectsOf(manifest).map((each) => planDict(manifest, environment, each));
    return { objects, costs: objects.length === 0 ? [] : KEPT };
  },
  outside: (environment) => ({ operations: [list, ...Object.values(used)], touches: allDicts(environment) }),
  sweeps: (environment) => ({ operation: sweep, touches: sweptThings(environment) }),
};

// --- Internal helpers ---

/** Dicts without names, of which the ids are secrets. */
const EPHEMERAL = "~*";
const MILLION = 1_000_000;

const { small, large } = DICT_UNITS;
const PRICE = [
  `${formatPrice(MILLION * small.put.writes * PRICES.dynamoWrite)} a million puts of up to 800 bytes`,
  `${formatPrice(MILLION * small.get.reads * PRICES.dynamoRead)} gets`,
  `${formatPrice(MILLION * (large.put.writes * PRICES.dynamoWrite + large.put.s3Puts * PRICES.s3Put))} and ${formatPrice(MILLION * (large.get.reads * PRICES.dynamoRead + large.get.s3Gets * PRICES.s3Get))} above 16 KiB`,
].join(", ");

/** What Dicts cost that nobody uses. */
const KEPT: readonly CostLine[] = [
  { what: "rows of Dicts", dollars: PRICES.dynamoGbMonth, per: "GB and month" },
  { what: "point-in-time recovery of these rows", dollars: PRICES.dynamoRecoveryGbMonth, per: "GB and month" },
];

/** What a role touches that may use Dicts: those that its reach covers, and those without names. */
function touches({ environment, reach }: Scope): Readonly<Record<string, Touched>> {
  if (reach.dict === undefined) return {};
  const names = [...reach.dict.map(textOf), EPHEMERAL];
  return {
    rows: { table: dataTable(environment), partitions: names.map((name) => dictPartition(name, "*")), grows: true },
    objects: { resources: names.map((name) => objectArn(environment, dictObject(name, "*"))), grows: true },
  } satisfies Partial<Record<DictTarget, Touched>>;
}

/** All Dicts of an environment, and where the last sweep stopped. */
function sweptThings(environment: string): Readonly<Record<DictTarget, Touched>> {
  const rows = { table: dataTable(environment), partitions: [dictPartition("*", "*"), sweepPartition("dict")] };
  return { ...allDicts(environment), rows };
}

/** All Dicts of an environment. */
function allDicts(environment: string): Readonly<Record<DictTarget, Touched>> {
  const table = dataTable(environment);
  return {
    rows: { table, partitions: [dictPartition("*", "*")] },
    index: { resources: [arn("dynamodb", `table/${table}/index/${OBJECTS_INDEX}`)] },
    objects: { resources: [objectArn(environment, dictObject("*", "*"))] },
    bucket: { resources: [bucketArn(environment)] },
  };
}

/** What the App names, and what single Functions do. */
function objectsOf(manifest: AppManifest): readonly ObjectReach[] {
  const uses = Object.values(manifest.functions).flatMap(({ uses: own }) => own?.dict ?? []);
  const byName = new Map([...(manifest.objects?.dict ?? []), ...uses].map((each) => [textOf(each), each]));
  return [...byName.values()].toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

function planDict(manifest: AppManifest, environment: string, object: ObjectReach): PlannedObject {
  const name = textOf(object);
  return {
    kind: "Dict",
    name,
    becomes: `rows ${dictPartition(name, "*")} of ${dataTable(environment)}`,
    functions: Object.keys(manifest.functions).filter((fn) => coversObject(reachOf(manifest, fn).dict ?? [], object)),
    price: PRICE,
  };
}

function textOf(object: ObjectReach): string {
  return "name" in object ? object.name : object.pattern;
}
