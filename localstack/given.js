// @ts-check
import { EmulatorError } from "./errors.js";
import { ACCOUNT_ID, REGION } from "./root.js";

/**
 * The account at an endpoint that AWS_ENDPOINT_URL names, and that is not this process's.
 *
 * @param {string} endpoint
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import("./start.js").Emulator>}
 * @throws {EmulatorError} without a key in the environment, and when nothing there answers as AWS does
 */
export async function givenEmulator(endpoint, env) {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new EmulatorError(`AWS_ENDPOINT_URL is ${endpoint}, and the environment has no key for it.`, {
      hint: "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of that account, or unset AWS_ENDPOINT_URL: then an emulator is started here.",
    });
  }
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? REGION;
  const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  const sts = new STSClient({ endpoint, region, credentials });
  const { Account = ACCOUNT_ID } = await sts.send(new GetCallerIdentityCommand({})).catch((cause) => {
    throw new EmulatorError(`AWS_ENDPOINT_URL is ${endpoint}, and nothing there answers as AWS does: ${cause}.`, {
      hint: "Start what it names, or unset it: then an emulator is started here.",
      cause,
    });
  });
  sts.destroy();
  return {
    endpoint,
    region,
    accountId: Account,
    kind: await kindOf(endpoint),
    credentials,
    rootCredentials: credentials,
    started: false,
    pid: undefined,
    folder: undefined,
    shape: undefined,
    ended: new Promise(() => {}),
    stop: async () => {},
    meter: noMeter,
    resetMeter: noMeter,
    async reset() {
      throw new EmulatorError(`The account at ${endpoint} can't be emptied: AWS_ENDPOINT_URL names it, so it was not started here.`);
    },
  };
}

/** @returns {Promise<never>} */
async function noMeter() {
  throw new EmulatorError("An account that was not started here has no meter.", {
    hint: "Unset AWS_ENDPOINT_URL: then an emulator is started here, which has one.",
  });
}

/**
 * @param {string} endpoint
 * @returns {Promise<import("./start.js").Emulator["kind"]>}
 */
async function kindOf(endpoint) {
  // MiniStack answers for both, so it is asked first.
  for (const kind of /** @type {const} */ (["ministack", "localstack"])) {
    const answer = await fetch(`${endpoint}/_${kind}/health`).catch(() => undefined);
    if (answer?.ok) return kind;
  }
  return "aws";
}
