import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { readRecord } from "./bundle-record.ts";

/** What to keep when old bundles are removed. */
export interface PruneParams {
  /** Folder of Tenon's state. */
  readonly stateDir: string;
  /** Folders of bundles (`AppBundle.dir`) that deployments or running Apps use: never removed. @default none */
  readonly inUse?: Iterable<string>;
  /** How many of the newest versions of each App to keep beside those in use. @default 5 */
  readonly keep?: number;
  /** Younger ones stay: a process may have been given one and not loaded it yet. @default 3_600_000 */
  readonly minAgeMs?: number;
}

/** Removes old versions of bundles, and what interrupted processes left. Returns the folders that it removed. */
export async function pruneBundles(params: PruneParams): Promise<readonly string[]> {
  const { keep = 5, minAgeMs = 3_600_000 } = params;
  const inUse = new Set(params.inUse);
  const oldest = Date.now() - minAgeMs;
  const removed: string[] = [];
  const root = join(params.stateDir, "bundles");
  for (const name of await namesIn(root)) {
    const slot = join(root, name);
    const latest = readRecord(join(slot, "latest.json"))?.version;
    const found = await foldersIn(slot);
    const versions = found.filter((one) => !one.name.startsWith(".tmp-")).sort((a, b) => b.mtimeMs - a.mtimeMs);
    const unwanted = versions.slice(keep).filter((one) => one.name !== latest && !inUse.has(join(slot, one.name)));
    const left = found.filter((one) => one.name.startsWith(".tmp-"));
    for (const one of [...unwanted, ...left].filter((folder) => folder.mtimeMs <= oldest)) {
      await rm(join(slot, one.name), { recursive: true, force: true });
      removed.push(join(slot, one.name));
    }
  }
  return removed;
}

// --- Internal helpers ---

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

async function foldersIn(folder: string): Promise<readonly { readonly name: string; readonly mtimeMs: number }[]> {
  const found = [];
  for (const name of await namesIn(folder)) {
    const info = await stat(join(folder, name)).catch(() => undefined);
    if (info?.isDirectory() === true) found.push({ name, mtimeMs: info.mtimeMs });
  }
  return found;
}
