// @ts-check
import { EmulatorError } from "./errors.js";
import { ACCOUNT_ID, REGION, rootKey } from "./root.js";

/**
 * An endpoint that somebody else runs, named by AWS_ENDPOINT_URL.
 *
 * @param {string} endpoint
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<import("./start.js").Emulator>}
 */
export async function givenEmulator(endpoint, env) {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? REGION;
  const credentials = env.AWS_ACCESS_KEY_ID
    ? {
        accessKeyId: env.AWS_ACCESS_KEY_ID,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
        ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
      }
    : rootKey();
  const sts = new STSClient({ endpoint, region, credentials });
  const { Account = ACCOUNT_ID } = await sts.send(new GetCallerIdentityCommand({})).catch((cause) => {
    throw new EmulatorError(`AWS_ENDPOINT_URL is ${endpoint}, and nothing there answers as AWS does: ${cause}`, {
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
    ended: new Promise(() => {}),
    stop: async () => {},
    async reset() {
      throw new EmulatorError(`${endpoint} comes from AWS_ENDPOINT_URL and is not this project's to empty`);
    },
  };
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
