import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Emulator } from "../../localstack/start.js";
import { bundleApp, makeAsset } from "../../src/bundle/index.ts";
import { readManifest } from "../../src/local/manifest-reader.ts";
import { synthApp, synthEnvironment } from "../../src/synth/index.ts";
import { clientOptions } from "./account.ts";
import { zip } from "./zip.ts";

/**
 * Deploys an environment and the App of a file on an emulated account: the synthesized templates, by CloudFormation, in
 * the root's name. The CDK's own bucket is made by hand; what its command does beside that is left out.
 */
export async function deployOnAccount(account: Emulator, environment: string, entryFile: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tenon-deployed-"));
  const tenonDir = join(import.meta.dirname, "../..");
  const options = clientOptions(account, account.rootCredentials);
  const cloudFormation = new CloudFormationClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  try {
    const bundle = await bundleApp({ entryFile, stateDir: folder, tenonDir });
    const asset = await makeAsset(bundle, { stateDir: folder, tenonDir, architecture: process.arch === "arm64" ? "arm64" : "x86_64" });
    const manifest = await readManifest({ bundle, environment });
    const Bucket = `cdk-hnb659fds-assets-${account.accountId}-${account.region}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const stacks = [
      synthEnvironment(environment, { outputDir: join(folder, "environment") }),
      synthApp({ environment, manifest, asset, architecture: "x86_64" }, { outputDir: join(folder, "app") }),
    ];
    for (const { dir, stack } of stacks) {
      const template = JSON.parse(readFileSync(join(dir, `${stack}.template.json`), "utf8")) as Template;
      for (const Key of assetKeys(template)) await s3.send(new PutObjectCommand({ Bucket, Key, Body: zip(filesOf(asset.dir)) }));
      // They ask for the CDK's bootstrap stack.
      delete template.Parameters?.["BootstrapVersion"];
      delete template.Rules?.["CheckBootstrapVersion"];
      const TemplateBody = JSON.stringify(template);
      await cloudFormation.send(new CreateStackCommand({ StackName: stack, TemplateBody, Capabilities: ["CAPABILITY_IAM"] }));
      await waitUntilStackCreateComplete(
        { client: cloudFormation, maxWaitTime: 60, minDelay: 0.2, maxDelay: 1 },
        { StackName: stack },
      ).catch(async (cause: unknown) => {
        const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: stack }));
        const reasons = StackEvents.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason ?? ""}`);
        throw new TypeError(`the stack ${stack} was not made:\n${reasons.join("\n")}`, { cause });
      });
    }
  } finally {
    cloudFormation.destroy();
    s3.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Properties?: { readonly Code?: { readonly S3Key?: string } } }>>;
  readonly Parameters?: Record<string, unknown>;
  readonly Rules?: Record<string, unknown>;
}

function assetKeys(template: Template): ReadonlySet<string> {
  return new Set(Object.values(template.Resources).flatMap(({ Properties }) => Properties?.Code?.S3Key ?? []));
}

function filesOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(folder, path), readFileSync(path, "utf8")];
    }),
  );
}
