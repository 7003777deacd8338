import type { App } from "aws-cdk-lib/core";
import { resolve } from "node:path";
import { type BootstrapParams, checkBootstrap } from "../model/bootstrap.ts";
import type { AppConstructProps } from "./app-construct.ts";
import { AppStack } from "./app-stack.ts";
import { cdk } from "./cdk-modules.ts";
import { EnvironmentStack, type EnvironmentStackProps } from "./environment-stack.ts";

/** Where a cloud assembly is written. */
export interface SynthParams extends BootstrapParams {
  /** Folder of the assembly. @default `CDK_OUTDIR`, which the CDK's own command sets, else `cdk.out` */
  readonly outputDir?: string | undefined;
}

/** What was written. */
export interface Assembly {
  /** Absolute path of its folder. */
  readonly dir: string;
  readonly stack: string;
}

/** Writes the cloud assembly of an App. Offline; nothing of the user's code runs. */
export function synthApp(props: AppConstructProps, params: SynthParams = {}): Assembly {
  return write(params, (app) => new AppStack(app, props).stackName);
}

/** Writes the cloud assembly of an environment. */
export function synthEnvironment(
  environment: string,
  params: SynthParams & Pick<EnvironmentStackProps, "deletionProtection" | "sweeperDir"> & { readonly env?: EnvironmentStackProps["env"] | undefined } = {}, // prettier-ignore
): Assembly {
  const { deletionProtection = false, env, sweeperDir } = params;
  const props = { environment, deletionProtection, sweeperDir, ...(env === undefined ? undefined : { env }) };
  return write(params, (app) => new EnvironmentStack(app, props).stackName);
}

/** Writes a cloud assembly with an empty stack of this name: enough to destroy one by its name. */
export function synthName(stack: string, params: SynthParams = {}): Assembly {
  return write(params, (app) => new cdk.core.Stack(app, stack, { stackName: stack }).stackName);
}

function write(params: SynthParams, build: (app: App) => string): Assembly {
  const { qualifier, permissionsBoundary } = checkBootstrap(params);
  const outdir = resolve(params.outputDir ?? process.env["CDK_OUTDIR"] ?? "cdk.out");
  const app = new cdk.core.App({
    outdir,
    context: {
      ...(qualifier === undefined ? {} : { "@aws-cdk/core:bootstrapQualifier": qualifier }),
      ...(permissionsBoundary === undefined
        ? {}
        : { "@aws-cdk/core:permissionsBoundary": { [permissionsBoundary.startsWith("arn:") ? "arn" : "name"]: permissionsBoundary } }),
    },
    autoSynth: false,
    analyticsReporting: false,
    treeMetadata: false,
    // More than a second for each run. CloudFormation checks the template as well, when it is deployed.
    builtinCloudFormationValidation: false,
  });
  const stack = build(app);
  return { dir: app.synth().directory, stack };
}
