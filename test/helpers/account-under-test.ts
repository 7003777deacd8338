import { Client } from "tenon";
import { describe, vi } from "vitest";
import { type Emulator, startEmulator } from "../../localstack/start.js";
import { registry } from "../../src/context/registry.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { deployForTest } from "../../src/testing/test-deployment.ts";
import { actOn } from "./deployed-app.ts";
import { describeAws, emulatedAws } from "./emulator.ts";

type Credentials = Emulator["credentials"];

/** The account that a suite of `scripts/aws-suites.js` runs on. */
export interface AccountUnderTest {
  /** What answers there; an emulator may stand for the account of whoever calls. */
  readonly kind: Emulator["kind"];
  readonly name: "AWS" | "emulated AWS";
  /** For tests that need the account: skipped where there is none, which was said. */
  readonly describe: typeof describe | typeof describe.skip;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly accountId: string;
  /** The suite's own, in which it deploys. */
  readonly environment: string;
  /** The emulated account, which has a meter and a root; undefined in the account of whoever calls. */
  readonly emulator: Emulator | undefined;
  /** For SDK clients that act in the name of who may do everything. */
  readonly options: { readonly region: string; readonly endpoint?: string; readonly credentials?: Credentials };
  /** What a command needs to act there in somebody's name, by default of who may do everything. */
  variables(credentials?: Credentials): Record<string, string>;
  /** Deploys the App of a file by its own templates. From then on this process acts as who may call it. */
  deploy(entryFile: string): Promise<void>;
  /** The built package's backend, whose error classes suites compare with. */
  backend(): Promise<Backend>;
  client(): Client;
  /** Milliseconds for what takes so many on an emulated account at most. */
  within(ms: number): number;
}

/** CloudFormation, cold starts and lost events take so many times as long on AWS as on an emulator. */
const SLOWER = 10;
/** As `vitest.config.ts` has them. */
const [TEST_MS, HOOK_MS] = [120_000, 180_000];

/**
 * Gives a test file an emulated account of its own, or, under `npm run test:aws`, the account of whoever calls; there its
 * environment is that of the run with the suite's letter. Tests that set no limit get longer ones there.
 */
export async function accountUnderTest(letter: string): Promise<AccountUnderTest> {
  const run = process.env["TENON_TEST_ENVIRONMENT"];
  if (run === undefined) return emulated();
  const region = process.env["AWS_REGION"] ?? "";
  const endpoint = process.env["AWS_ENDPOINT_URL"];
  const { kind } = endpoint === undefined ? { kind: "aws" as const } : await startEmulator();
  const within = (ms: number): number => ms * SLOWER;
  vi.setConfig({ testTimeout: within(TEST_MS), hookTimeout: within(HOOK_MS) });
  const place = { region, endpoint, accountId: process.env["TENON_TEST_ACCOUNT"] ?? "", environment: `${run}${letter}` };
  return { ...accountAt(place), kind, name: "AWS", describe, emulator: undefined, within };
}

// --- Internal helpers ---

interface Place {
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly accountId: string;
  readonly environment: string;
  /** @default - what the AWS SDK finds */
  readonly rootCredentials?: Credentials;
}

async function emulated(): Promise<AccountUnderTest> {
  const aws = await emulatedAws();
  const common = { name: "emulated AWS", describe: describeAws(aws), within: (ms: number) => ms } as const;
  if (aws.missing) {
    // Only skipped tests would use it.
    const nowhere = accountAt({ region: "", endpoint: undefined, accountId: "", environment: "test" });
    return { ...nowhere, ...common, kind: "aws", emulator: undefined };
  }
  const emulator = aws.account;
  const { region, endpoint, accountId, rootCredentials, kind } = emulator;
  const at = accountAt({ region, endpoint, accountId, environment: "test", rootCredentials });
  return {
    ...at,
    ...common,
    kind,
    emulator,
    async deploy(entryFile) {
      await at.deploy(entryFile);
      actOn(emulator);
    },
  };
}

function accountAt(place: Place): Omit<AccountUnderTest, "kind" | "name" | "describe" | "emulator" | "within"> {
  const { region, endpoint, accountId, environment, rootCredentials } = place;
  return {
    region,
    endpoint,
    accountId,
    environment,
    options: { region, ...(endpoint && { endpoint }), ...(rootCredentials && { credentials: { ...rootCredentials } }) },
    variables: (credentials = rootCredentials) => ({
      AWS_REGION: region,
      ...(endpoint && { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }),
      ...(credentials && {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        // Not those that this process has.
        AWS_SESSION_TOKEN: "",
        AWS_PROFILE: "",
      }),
    }),
    async deploy(entryFile) {
      await deployForTest(place, environment, entryFile, { "tenon:environment": environment });
    },
    backend: () => registry().backends!.connectAws({ environment, region, endpoint }),
    client: () => new Client({ backend: "aws", environment, region, endpoint }),
  };
}
