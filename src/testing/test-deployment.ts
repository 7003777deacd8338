import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import type { StacksApi, StacksOptions } from "../adapters/aws/stacks.ts";
import { blobBucket } from "../model/aws-names.ts";
import { ConflictError } from "../model/errors.ts";
import { tenonDir } from "../util/package-dir.ts";
import type { ZippedFile } from "./zip.ts";

/** An account for tests, such as `localstack/start.js` starts or finds. */
export interface TestAccount {
  /** The URL of an emulator. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly accountId: string;
  /** A key that may do everything. @default - what the AWS SDK finds */
  readonly rootCredentials?: StacksOptions["credentials"];
}

/** An App that was deployed for tests. */
export interface TestDeployment {
  readonly app: string;
  /** Deletes the App's stack. The environment stays: it may hold data of others. */
  remove(): Promise<void>;
}

/**
 * Deploys the App of a file, and its environment without a sweeper when it is missing, into an account for tests: the synthesized templates,
 * by CloudFormation, in the root's name. It needs neither bootstrap nor toolkit: the code goes to the environment's bucket.
 *
 * Rejects with `BundleError`, `ConflictError` when the App is deployed there, `ExecutionError` with CloudFormation's reasons.
 */
export async function deployForTest(
  account: TestAccount,
  environment: string,
  entryFile: string,
  tags: Readonly<Record<string, string>> = {},
): Promise<TestDeployment> {
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-deployed-"));
  const { createStacksApi } = await import("../adapters/aws/stacks.ts");
  const { endpoint, region, rootCredentials } = account;
  const open = (): StacksApi => createStacksApi({ endpoint, region, credentials: rootCredentials });
  const api = open();
  try {
    const [{ readApp }, { makeAsset }, synth, { zip }] = await Promise.all([
      import("../local/index.ts"),
      import("../bundle/index.ts"),
      import("../synth/index.ts"),
      import("./zip.ts"),
    ]);
    const { manifest, bundle } = await readApp({ entryFile, environment, stateDir });
    // An emulator runs its host's Node.
    const architecture = process.arch === "arm64" ? "arm64" : "x86_64";
    const asset = await makeAsset(bundle, { stateDir, tenonDir: tenonDir(), architecture });
    const bucket = blobBucket(environment, account.accountId, region);

    async function make(dir: string, name: string): Promise<boolean> {
      const template = readTemplate(dir, name, bucket);
      for (const key of assetKeys(template)) await api.putObject(bucket, key, zip(filesOf(asset.dir)));
      return api.create({ name, template: JSON.stringify(template), bucket, tags });
    }
    // No sweeper: its code would lie in a bucket that is not there yet, and tests end before the day does.
    const shared = synth.synthEnvironment(environment, { outputDir: join(stateDir, "environment"), sweeperDir: null });
    await make(shared.dir, shared.stack);
    const { dir, stack } = synth.synthApp({ environment, manifest, asset, architecture }, { outputDir: join(stateDir, "app") });
    if (!(await make(dir, stack))) {
      throw new ConflictError(`App "${manifest.name}" is deployed at ${endpoint ?? "AWS"} in environment "${environment}" already.`, {
        hint: `Run npx tenon destroy --aws -e ${environment} ${manifest.name} if no other test run uses it, else give this one an environment of its own.`,
      });
    }
    return {
      app: manifest.name,
      async remove() {
        const later = open();
        await later.remove(stack).finally(() => later.destroy());
      },
    };
  } finally {
    api.destroy();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

// --- Internal helpers ---

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties?: { readonly Code?: { S3Bucket: unknown; S3Key: string } } }>>;
  readonly Parameters?: Record<string, unknown>;
  readonly Rules?: Record<string, unknown>;
}

/** The template without what asks for the CDK's bootstrap stack, its code in another bucket, below `assets/`. */
function readTemplate(dir: string, stack: string, bucket: string): Template {
  const template = JSON.parse(readFileSync(join(dir, `${stack}.template.json`), "utf8")) as Template;
  delete template.Parameters?.["BootstrapVersion"];
  delete template.Rules?.["CheckBootstrapVersion"];
  for (const { Properties } of Object.values(template.Resources)) {
    if (Properties?.Code !== undefined) Object.assign(Properties.Code, { S3Bucket: bucket, S3Key: `assets/${Properties.Code.S3Key}` });
  }
  return template;
}

function assetKeys(template: Template): ReadonlySet<string> {
  return new Set(Object.values(template.Resources).flatMap(({ Properties }) => Properties?.Code?.S3Key ?? []));
}

/** With their modes, as the CDK zips them. */
function filesOf(folder: string): Readonly<Record<string, ZippedFile>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path).replaceAll(sep, "/"), { data: readFileSync(path), mode: statSync(path).mode & 0o777 }];
    }),
  );
}
