// @ts-check
import { EmulatorError } from "./errors.js";

/**
 * What differs from AWS's limits in an account. `localstack/shared/limits/` has each limit with its source;
 * `settings.py` there has what holds when nothing is said.
 *
 * @typedef {object} EmulatorLimits
 * @property {Limit} [accountConcurrency] Invocations at once of all functions. AWS: 1,000, of a new account 10.
 * @property {Limit} [requestBytes] Of an invocation. AWS: 6,291,456.
 * @property {Limit} [eventBytes] Of an asynchronous invocation. AWS: 1,048,576.
 * @property {Limit} [environmentBytes] Of a function's variables, and whether their names are checked. AWS: 4,096.
 * @property {Limit} [partitionWriteUnits] A second, of the rows with one partition key. AWS: 1,000.
 * @property {Limit} [partitionReadUnits] A second, of the rows with one partition key. AWS: 3,000.
 * @property {Limit} [parametersPerSecond] Requests for SSM parameters, of the whole account. AWS: 40.
 * @property {Limit} [fifoPerSecond] Requests of one kind to one FIFO queue without high throughput. AWS: 300.
 * @property {Limit} [queueNameSeconds] Until the name of a deleted queue is free. AWS: 60; here 1 unless said.
 * @property {Limit} [policyDelaySeconds] Until a change to a role takes effect. AWS names no time; here off unless said.
 * @property {Limit} [missingObjectDenied] Whether a missing object is 403 for who may not list its bucket.
 * @property {Limit} [templateAscii] Whether GetTemplate gives `?` for what is not ASCII.
 * @property {Limit} [parametersByCaller] Whether SSM-typed parameters of a template are read with the rights of who sends it.
 * @property {Limit} [executionRole] Whether CloudFormation may do only what its role may.
 * @property {number} [secondMs] How long a second of a rate lasts, for a test that counts. Default 1,000.
 */

/** @typedef {number | true | { off: string }} Limit A value, `true` for AWS's own way, or why it is off. */

/**
 * The limits as the launchers read them.
 *
 * @param {EmulatorLimits} limits
 * @returns {Record<string, number | boolean | null>}
 * @throws {EmulatorError} when one is switched off without a reason
 */
export function limitsForLauncher(limits) {
  const told = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  return Object.fromEntries(
    told.map(([name, limit]) => {
      const key = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (typeof limit === "object" && limit.off === "") {
        throw new EmulatorError(`The limit ${name} is off without a reason.`, { hint: 'Say why: { off: "…" }.' });
      }
      return [key, typeof limit === "object" ? null : limit];
    }),
  );
}
