import type { FunctionSpec } from "./function-spec.ts";
import { physicalName } from "./physical-name.ts";

export { checkAwsEnvironment, ENVIRONMENT_NAME } from "./aws-environment.ts";

/** Most bytes of one piece of an App's parameter; SSM takes 4,096 in a standard parameter. */
export const MAX_APP_PARAMETER_BYTES = 4_000;

/** The stack of an environment. */
export function environmentStack(env: string): string {
  return `tenon-${env}`;
}

/** The stack of an App. Stack names hold no period or underscore: an App's name with one gets dashes and a hash. */
export function appStack(env: string, app: string): string {
  const name = `tenon-${env}-${app}`;
  return /[._]/.test(app) ? physicalName(["tenon", env, app], 128).replaceAll("_", "-") : name;
}

/** The table of durable calls. */
export function callsTable(env: string): string {
  return physicalName(["tenon", env, "calls"]);
}

/** The table of Dicts, ledgers and whatever else lives in rows. */
export function dataTable(env: string): string {
  return physicalName(["tenon", env, "data"]);
}

/**
 * The index of the data table that lists the objects of an environment, for people and the sweeper: rows that have an
 * attribute `listed` (a text such as `dict`), sorted by `listedAt` (epoch milliseconds). It holds keys only.
 */
export const OBJECTS_INDEX = "objects";

/** The bucket of values that are too large for a row or a payload. `account` and `region` may be `${AWS::AccountId}` and `${AWS::Region}`. */
export function blobBucket(env: string, account: string, region: string): string {
  return `tenon-${env}-${account}-${region}`;
}

/** The account in the name of an environment's bucket; `undefined` for a bucket of another kind. */
export function accountOfBucket(bucket: string): string | undefined {
  return /^tenon-[a-z][a-z0-9]*-(\d{12})-/.exec(bucket)?.[1];
}

/** The Lambda function of a Function. */
export function functionName(env: string, app: string, fn: string): string {
  return physicalName(["tenon", env, app, fn]);
}

/** The Lambda function that drives an App's durable calls. No Function can be named so. */
export function dispatcherName(env: string, app: string): string {
  return physicalName(["tenon", env, app, "$dispatcher"]);
}

/** The queue of an App's dispatcher: delayed retries and failure records. */
export function dispatcherQueue(env: string, app: string): string {
  return physicalName(["tenon", env, app, "$dispatcher", "queue"]);
}

/** Where messages go that an App's dispatcher could not work on. */
export function dispatcherDeadLetterQueue(env: string, app: string): string {
  return physicalName(["tenon", env, app, "$dispatcher", "dead"]);
}

/**
 * The queue that feeds a Function with `maxContainers`; `undefined` for one that Lambda's own queue feeds, or that nobody
 * can spawn. Where one input runs at a time it is a FIFO queue, whose name must say so: the least that an event source
 * takes as its maximum is two.
 */
export function inputQueue(env: string, app: string, spec: Pick<FunctionSpec, "name" | "kind" | "maxContainers">): string | undefined {
  if (spec.maxContainers === null || spec.kind === "generator") return undefined;
  return physicalName(["tenon", env, app, spec.name, "inputs"]) + (spec.maxContainers === 1 ? FIFO_SUFFIX : "");
}

/** How the names of FIFO queues end. */
export const FIFO_SUFFIX = ".fifo";

/** The Lambda function that removes once a day what is left of an environment's objects. */
export function sweeperName(env: string): string {
  return physicalName(["tenon", env, "$sweeper"]);
}

/** The log group of an environment's sweeper; no App's, since no name of one holds a `#`. */
export function sweeperLogGroup(env: string): string {
  return `/tenon/${env}/#sweeper`;
}

/** The log group of a Function. The App's are all below its own path, which no other App's begins with. */
export function logGroup(env: string, app: string, fn: string): string {
  return `/tenon/${env}/${app}/${fn}`;
}

/** The log group of an App's dispatcher; no Function's, since no name of one holds a `#`. */
export function dispatcherLogGroup(env: string, app: string): string {
  return logGroup(env, app, "#dispatcher");
}

/** The SSM parameter that holds an environment's version: a whole number. */
export function environmentVersionParameter(env: string): string {
  return `/tenon/${env}/version`;
}

/** The SSM path below which an App's pieces are: {@link appParameter} without the number. Ends with a slash. */
export function appParameterPath(env: string, app: string): string {
  return `/tenon/${env}/apps/${app}/`;
}

/** The SSM parameter of one piece of an App's text, from 0. */
export function appParameter(env: string, app: string, piece: number): string {
  return appParameterPath(env, app) + String(piece);
}

/**
 * An App's text cut into pieces of at most {@link MAX_APP_PARAMETER_BYTES} bytes of UTF-8, never inside a character;
 * joined they are the text again.
 */
export function cutAppParameter(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = "";
  let bytes = 0;
  for (const character of text) {
    const length = Buffer.byteLength(character);
    if (bytes + length > MAX_APP_PARAMETER_BYTES) {
      pieces.push(piece);
      piece = "";
      bytes = 0;
    }
    piece += character;
    bytes += length;
  }
  if (piece !== "") pieces.push(piece);
  return pieces;
}

/**
 * A partition of durable calls. `in` holds what callers write of one call, `out` what its Function and dispatcher write of it,
 * `due` the markers of a Function's calls that have not ended. `head` is that of the call's id, `rest` its whole id, or the number
 * of a shard. Without a rest it is the pattern of all that begin so: those of a Function, or of an App.
 */
export function callPartition(kind: "in" | "out" | "due", head: string, rest?: string): string {
  return rest === undefined ? `${kind}#${head}*` : `${kind}#${head}#${rest}`;
}

/** S3 key of an input's arguments. */
export function inputObject(app: string, fn: string, callId: string, inputId: string): string {
  return `in/${app}/${fn}/${callId}/${inputId}`;
}

/** S3 key of what one attempt of a call gave back. */
export function outputObject(app: string, fn: string, callId: string, attempt: number): string {
  return `out/${app}/${fn}/${callId}/${attempt}`;
}

/**
 * A partition of a Dict's rows in the data table. `name` is its name, or `~` and the id of an ephemeral one. A pattern as the
 * name, and `*` as the rest, make a pattern of partitions: names hold no `#`.
 */
export function dictPartition(name: string, rest: string): string {
  return `dict#${name}#${rest}`;
}

/** The partition of what the environment's sweeper remembers of a kind of objects. */
export function sweepPartition(kind: string): string {
  return `sweep#${kind}`;
}

/** S3 key of something that belongs to a Dict and is too large for a row; as a pattern like {@link dictPartition}. Names hold no `/`. */
export function dictObject(name: string, rest: string): string {
  return `dict/${name}/${rest}`;
}
