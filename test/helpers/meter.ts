import type { Metered } from "../../localstack/meter.js";
import type { Emulator } from "../../localstack/start.js";

/** Runs something, and says what AWS would have billed for what was asked of the account meanwhile, by whoever. */
export async function metered<T>(
  account: Pick<Emulator, "meter">,
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly billed: Metered }> {
  const before = await account.meter();
  const value = await run();
  return { value, billed: difference(await account.meter(), before) };
}

/** Request units of all tables together. */
export function writeUnits({ tables }: Metered): number {
  return sum(Object.values(tables).map((units) => units.writeUnits + units.indexWriteUnits));
}

/** What AWS would bill for, as the data of `plan` counts it. */
export interface Units {
  /** Of Lambda, by whoever asks for it: event sources are counted apart. */
  readonly invoke?: number;
  /** Units of DynamoDB. */
  readonly write?: number;
  readonly read?: number;
  /** Requests to S3; deletions are free. */
  readonly put?: number;
  readonly get?: number;
  /** Requests to SQS, without the polls that find nothing. */
  readonly queue?: number;
}

/** The same of all tables together; what is 0 is left out. */
export function unitsOf(billed: Metered): Units {
  const { requests, eventSources, s3 } = billed;
  const of = (service: string): number =>
    sum(Object.entries(requests).map(([name, count]) => (name.startsWith(`${service}:`) ? count : 0)));
  const units: Required<Units> = {
    invoke: of("lambda"),
    write: writeUnits(billed),
    read: sum(Object.values(billed.tables).map(({ readUnits }) => readUnits)),
    put: s3.write,
    get: s3.read,
    queue: of("sqs") + (eventSources["receives"] ?? 0) + (eventSources["deletes"] ?? 0),
  };
  return Object.fromEntries(Object.entries(units).filter(([, value]) => value !== 0));
}

// --- Internal helpers ---

type Counts = Readonly<Record<string, number>>;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** What has changed; what has not is left out of a record whose names are counted, and 0 in others. */
function less<T extends Counts>(after: T, before: Counts, keepsNames: boolean): T {
  const entries = Object.entries(after).map(([name, value]) => [name, value - (before[name] ?? 0)] as const);
  return Object.fromEntries(keepsNames ? entries : entries.filter(([, value]) => value !== 0)) as T;
}

function difference(after: Metered, before: Metered): Metered {
  const tables = Object.entries(after.tables).map(([name, units]) => [name, less(units, { ...before.tables[name] }, true)] as const);
  return {
    tables: Object.fromEntries(tables.filter(([, units]) => Object.values(units).some((value) => value !== 0))),
    requests: less(after.requests, before.requests, false),
    s3: less(after.s3, before.s3, true),
    eventSources: less(after.eventSources, before.eventSources, false),
    logs: less(after.logs, before.logs, true),
    metrics: after.metrics.filter((name) => !before.metrics.includes(name)),
  };
}
