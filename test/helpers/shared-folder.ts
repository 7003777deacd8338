import { chmodSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a function on an emulator sees of this machine as it is; its `/tmp` is its own. */
const SEEN_BY_ALL = "/dev/shm";

/** Makes a folder in which a test and the functions that it calls on an emulator write, whatever users they run as. */
export function makeSharedFolder(): string {
  const folder = mkdtempSync(join(existsSync(SEEN_BY_ALL) ? SEEN_BY_ALL : tmpdir(), "tenon-test-"));
  chmodSync(folder, 0o777);
  return folder;
}
