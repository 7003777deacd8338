import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { checkAwsEnvironment } from "../model/aws-names.ts";
import { NotFoundError } from "../model/errors.ts";
import { tenonDir } from "../util/package-dir.ts";
import { type TestAccount, deployForTest } from "./test-deployment.ts";

/** What tests need on AWS. */
export interface DeployForTestsParams {
  /** The file that declares the App: a path relative to the working directory, or a file URL. */
  readonly entry: string | URL;
  /** 1 to 16 lower-case letters and digits, a letter first. @default "test" */
  readonly environment?: string | undefined;
}

/** What a test runner calls before all tests; what that gives back, after them. */
export type GlobalSetup = () => Promise<() => Promise<void>>;

/**
 * A `globalSetup` for Vitest: starts an emulated AWS account with IAM enforced, deploys an App and its environment into it,
 * and points the environment variables of the test workers at it. Handles then call the deployed App: those that the
 * App's module exports, and those of `RemoteFunction.fromName`. It all goes away after the tests, and with the process.
 *
 * With `AWS_ENDPOINT_URL` set nothing is started: that endpoint is used, and the App's stack is removed after the tests;
 * its environment stays. The first start on a machine installs the emulator, for which it needs Python 3.11 with pip.
 *
 * The setup rejects with `NotFoundError` for a missing file or package, `BundleError`, `ConflictError` when the App is
 * deployed at a given endpoint already, `ExecutionError` with CloudFormation's reasons, and the emulator's own errors.
 *
 * @example
 * // test/aws.setup.ts, which vitest.config.ts names: test: { globalSetup: ["./test/aws.setup.ts"] }
 * import { deployForTests } from "tenon/testing";
 *
 * export default deployForTests({ entry: new URL("../wordcount.ts", import.meta.url) });
 */
export function deployForTests(params: DeployForTestsParams): GlobalSetup {
  return async () => {
    const environment = checkAwsEnvironment(params.environment ?? "test");
    const entryFile = params.entry instanceof URL ? fileURLToPath(params.entry) : resolve(params.entry);
    if (!existsSync(entryFile)) {
      throw new NotFoundError(`deployForTests: there is no file ${entryFile}.`, {
        hint: 'Name the App\'s file: entry: new URL("../wordcount.ts", import.meta.url), or a path relative to the working directory.',
      });
    }
    const account = await startAccount();
    try {
      const deployment = await deployForTest(account, environment, entryFile);
      const restore = setVariables(variablesOf(account, environment));
      return async () => {
        restore();
        try {
          // One that was started here goes with everything in it.
          if (!account.started) await deployment.remove();
        } finally {
          await account.stop();
        }
      };
    } catch (error) {
      await account.stop();
      throw error;
    }
  };
}

// --- Internal helpers ---

interface StartedAccount extends TestAccount {
  readonly endpoint: string;
  readonly credentials: NonNullable<TestAccount["rootCredentials"]>;
  readonly started: boolean;
  stop(): Promise<void>;
}

/** The script stands beside dist/ in the package: it is not compiled. */
async function startAccount(): Promise<StartedAccount> {
  const script = pathToFileURL(join(tenonDir(), "localstack/start.js")).href;
  const { startEmulator } = (await import(/* @vite-ignore */ script)) as { startEmulator(): Promise<StartedAccount> };
  return startEmulator();
}

type Variables = Readonly<Record<string, string | undefined>>;

function variablesOf({ endpoint, region, credentials }: StartedAccount, environment: string): Variables {
  return {
    TENON_BACKEND: "aws",
    TENON_ENVIRONMENT: environment,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    // The AWS SDK prefers a profile to the keys above, and it may be a real account's.
    AWS_PROFILE: undefined,
  };
}

/** Sets variables of this process, which its workers inherit, and gives a function that puts back what was there. */
function setVariables(variables: Variables): () => void {
  const before = Object.fromEntries(Object.keys(variables).map((name) => [name, process.env[name]]));
  apply(variables);
  return () => apply(before);
}

function apply(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}
