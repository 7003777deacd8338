import type { CommandContext } from "../kit/command.ts";
import type { BackendFlags } from "../kit/place.ts";
import { writeNote } from "../render/results.ts";
import { withBackend } from "./backend.ts";

/** How long a call may take before it is asked whether it can be under way at all. */
const LOOK_AFTER_MS = 5_000;

/**
 * Does what waits for calls of an App. When it takes long and the App is stopped, it says so: on AWS such calls wait until the
 * App is deployed again, since a refused caller can't tell that from want of room.
 */
export async function notingStop<T>(context: CommandContext, flags: BackendFlags, app: string, work: () => Promise<T>): Promise<T> {
  // Who may not see the Apps of the account is told nothing.
  const timer = setTimeout(() => void look(context, flags, app).catch(() => undefined), LOOK_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}

// --- Internal helpers ---

async function look(context: CommandContext, flags: BackendFlags, app: string): Promise<void> {
  const apps = await withBackend(context, flags, (backend) => backend.apps.list());
  if (apps.some(({ name, state }) => name === app && state === "stopped"))
    writeNote(context, `App "${app}" is stopped: its calls wait until it is deployed again (tenon deploy)`);
}
