import { randomInt } from "node:crypto";
import { hostname } from "node:os";
import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import type { AppManifest } from "../model/manifest.ts";
import { MAX_NAME_LENGTH } from "../model/names.ts";
import { isAlive, ownKey } from "../util/processes.ts";

/** The tag of an App that exists for one run. Its value names the run's process and start. */
export const RUN_TAG = "tenon:run";

/** A run of another machine counts as left behind after this time. */
const FOREIGN_RUN_MS = 24 * 60 * 60 * 1_000;

const INFIX = "-run-";
const ID_LENGTH = 8;
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** The manifest of an App for one run of this process: named `<app>-run-<id>`, and tagged. */
export function runManifest(manifest: AppManifest, nowMs: number): AppManifest {
  const id = Array.from({ length: ID_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  const name = `${manifest.name.slice(0, MAX_NAME_LENGTH - INFIX.length - ID_LENGTH)}${INFIX}${id}`;
  const owner = [host(), ownKey(), nowMs].join("/");
  return { ...manifest, name, declaredName: manifest.name, tags: { ...manifest.tags, [RUN_TAG]: owner } };
}

/** Apps that runs have left behind in an environment: their process is gone, or they are another machine's and older than a day. */
export async function findLeftRuns(api: DeploymentsApi, environment: string, nowMs: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [parameter, text] of await api.parameters(`/tenon/${environment}/apps/`)) {
    const app = /\/apps\/([^/]+)\/0$/.exec(parameter)?.[1];
    // The first parameter of an App begins with its name and its tags.
    const owner = app?.includes(INFIX) === true ? OWNER.exec(text) : null;
    if (app === undefined || owner === null) continue;
    const [, ownerHost = "", key = "", sinceMs] = owner;
    const isLeft = ownerHost === host() ? !isAlive(key) : Number(sinceMs) + FOREIGN_RUN_MS < nowMs;
    if (isLeft) found.push(app);
  }
  return found;
}

// --- Internal helpers ---

const OWNER = new RegExp(`"${RUN_TAG}":"([^"/]*)/([^"/]*)/(\\d+)"`);

/** The host's name in the characters that a tag's value may have. */
function host(): string {
  return hostname().replaceAll(/[^A-Za-z0-9.-]/g, "-");
}
