import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ASSET_HANDLERS, bundleApp, makeAsset } from "../../../src/bundle/index.ts";
import { readManifest } from "../../../src/local/workers/manifest-reader.ts";
import { appParameter, blobBucket, callsTable, dispatcherQueue, cutAppParameter, functionName } from "../../../src/model/aws-names.ts";
import type { AppManifest } from "../../../src/model/manifest.ts";
import type { LambdaFunction, StartEnvironment } from "./environment.ts";
import { type SmallAws, startSmallAws } from "./front.ts";

/** The environment that it is deployed to. */
export const TEST_ENVIRONMENT = "test";

/** An App of a file, deployed on a {@link SmallAws} by hand. */
export interface DeployedForTest {
  readonly aws: SmallAws;
  readonly environment: string;
  readonly manifest: AppManifest;
  /** Its Lambda functions, by the names of its Functions. */
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  /** The folder of its asset. */
  readonly assetDir: string;
  close(): Promise<void>;
}

/** Bundles a file, makes its asset, and puts every Function of it on a small AWS; `variables` replace those of its containers. */
export async function deployForTest(
  entryFile: string,
  start?: StartEnvironment,
  variables: Readonly<Record<string, string>> = {},
): Promise<DeployedForTest> {
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-lambda-"));
  const tenonDir = join(import.meta.dirname, "../../..");
  const first = await bundleApp({ entryFile, stateDir, tenonDir });
  const manifest = await readManifest({ bundle: first, environment: TEST_ENVIRONMENT });
  const { files, external } = manifest;
  const bundle = files.length === 0 ? first : await bundleApp({ entryFile, stateDir, tenonDir, files, external });
  const asset = await makeAsset(bundle, { stateDir, tenonDir, architecture: process.arch === "arm64" ? "arm64" : "x86_64" });
  const aws = await startSmallAws(start);
  const functions = new Map<string, LambdaFunction>();
  for (const spec of Object.values(manifest.functions)) {
    const fn: LambdaFunction = {
      name: functionName(TEST_ENVIRONMENT, manifest.name, spec.name),
      dir: asset.dir,
      handler: ASSET_HANDLERS[spec.kind],
      timeoutMs: spec.startupTimeoutMs + spec.timeoutMs + 10_000,
      variables: {
        TENON_BACKEND: "aws",
        TENON_ENVIRONMENT: TEST_ENVIRONMENT,
        TENON_APP: manifest.name,
        TENON_FUNCTION: spec.name,
        TENON_VERSION: bundle.version,
        TENON_BUCKET: blobBucket(TEST_ENVIRONMENT, "000000000000", "us-east-1"),
        TENON_CALLS_TABLE: callsTable(TEST_ENVIRONMENT),
        // Where nothing makes a durable call, nobody looks for this queue.
        TENON_DISPATCHER_QUEUE_URL: `http://127.0.0.1/000000000000/${dispatcherQueue(TEST_ENVIRONMENT, manifest.name)}`,
        AWS_ENDPOINT_URL: aws.endpoint,
        TENON_STARTUP_TIMEOUT_MS: String(spec.startupTimeoutMs),
        ...variables,
        ...spec.env,
      },
    };
    functions.set(spec.name, fn);
    aws.add(fn);
  }
  cutAppParameter(JSON.stringify({ version: bundle.version, manifest })).forEach((piece, n) =>
    aws.parameters.set(appParameter(TEST_ENVIRONMENT, manifest.name, n), piece),
  );
  return {
    aws,
    environment: TEST_ENVIRONMENT,
    manifest,
    functions,
    assetDir: asset.dir,
    async close() {
      await aws.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
