import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, ownKey } from "../../util/processes.ts";

/** A folder's name says whose it is, as `ownKey` does; `mkdtemp` adds six characters. */
const NAME = /^tenon-assembly-(\d+-[\w.]+)-\w{6}$/;

/** Makes a folder for a cloud assembly, and removes those that killed commands have left. */
export function makeAssemblyFolder(): string {
  const parent = tmpdir();
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isAlive(owner)) remove(join(parent, name));
  }
  return mkdtempSync(join(parent, `tenon-assembly-${ownKey()}-`));
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // It is another user's.
  }
}
