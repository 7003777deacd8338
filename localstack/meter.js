// @ts-check
import { EmulatorError } from "./errors.js";

/** Where an emulator tells what was counted: `localstack/shared/meter.py`. */
const METER_PATH = "/_tenon/meter";

/**
 * What AWS would bill for what was asked of an account since it was started, or since the last reset of its meter.
 *
 * @typedef {object} Metered
 * @property {Record<string, TableUnits>} tables By name. MiniStack's only.
 * @property {Record<string, number>} requests By service and action: `lambda:Invoke`. A batch is one request.
 * @property {{ write: number, read: number, free: number }} s3 By class: PUT, COPY, POST and LIST; GET and others; deletions.
 * @property {Record<string, number>} eventSources What event sources ask of their queues: `receives`, `emptyReceives`, `deletes`. MiniStack's only.
 * @property {{ bytes: number, platformBytes: number }} logs What Lambdas print, and the lines that Lambda adds.
 * @property {string[]} metrics Custom metrics: namespace, name and dimensions.
 */

/**
 * Request units of DynamoDB. A unit writes 1 KB or reads 4 KB; in a transaction it takes two.
 *
 * @typedef {object} TableUnits
 * @property {number} writeUnits
 * @property {number} readUnits
 * @property {number} indexWriteUnits Of the table's indexes, beside its own.
 */

/**
 * Reads the meter of an account.
 *
 * @param {{ endpoint: string, rootCredentials: import("./deployer.js").Credentials }} account
 * @returns {Promise<Metered>}
 */
export async function readMeter(account) {
  return /** @type {Promise<Metered>} */ ((await ask(account, "GET")).json());
}

/**
 * Sets the meter of an account to nothing.
 *
 * @param {{ endpoint: string, rootCredentials: import("./deployer.js").Credentials }} account
 */
export async function resetMeter(account) {
  await ask(account, "DELETE");
}

/**
 * @param {{ endpoint: string, rootCredentials: import("./deployer.js").Credentials }} account
 * @param {"GET" | "DELETE"} method
 */
async function ask({ endpoint, rootCredentials }, method) {
  const headers = { authorization: `Bearer ${rootCredentials.secretAccessKey}` };
  const answer = await fetch(`${endpoint}${METER_PATH}`, { method, headers });
  if (!answer.ok) throw new EmulatorError(`The meter answered ${answer.status} to ${method}.`);
  return answer;
}
