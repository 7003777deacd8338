import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, ownKey } from "../../util/processes.ts";

/** A folder's name holds the key of its process (`ownKey`); `mkdtemp` adds six characters. */
const NAME = /^tenon-assembly-(\d+-[\w.]+)-\w{6}$/;

/** Makes a folder for a cloud assembly, and removes those of killed commands. */
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
    // The folder is another user's.
  }
}
