import type { Rows } from "../../util/rows.ts";

/**
 * Whose driver runs a call: `app#<app>` for the host of a deployed App, `run#<owner>#<app>` for the process in
 * which an App runs. Each partition's unfinished calls are listed by what they wait for.
 */
export type Partition = string;

/** The partition of a deployed App. */
export function appPartition(app: string): Partition {
  return `app#${app}`;
}

/** The partition of an App that runs in the process `owner`. */
export function runPartition(owner: string, app: string): Partition {
  return `run#${owner}#${app}`;
}

/** The process whose run a partition belongs to; `null` for a deployed App's. */
export function runOwner(partition: Partition): string | null {
  const [kind, owner] = partition.split("#");
  return kind === "run" && owner !== undefined ? owner : null;
}

/** The partitions of runs that have unfinished calls, found by skipping from one to the next. */
export function runPartitions(rows: Rows, environment: string): ReadonlySet<Partition> {
  const partitions = new Set<Partition>();
  for (const list of ["ready", "delayed", "held"]) {
    const prefix = `${list}#${environment}#run#`;
    for (let after: string | undefined; ;) {
      const key = rows.range(prefix, { after, limit: 1 })[0]?.key;
      if (key === undefined) break;
      const [owner, app] = key.slice(prefix.length).split("#");
      if (owner === undefined || app === undefined) break;
      partitions.add(runPartition(owner, app));
      after = `${prefix}${owner}#${app}#\uffff`;
    }
  }
  return partitions;
}
