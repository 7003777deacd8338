import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { checkAwsEnvironment } from "../model/aws-names.ts";
import { InvalidError } from "../model/errors.ts";
import { functionNotFound } from "../model/function-not-found.ts";
import type { AppManifest } from "../model/manifest.ts";
import { OPEN_MODES } from "../util/open-modes.ts";
import type { AppArchitecture, AppAsset, AppParts } from "./app-parts.ts";
import { planApp } from "./app-plan.ts";
import { createRole } from "./app-role.ts";
import { cdk } from "./cdk-modules.ts";
import { containerVariables } from "./container-variables.ts";
import { lambdaOf } from "./kinds/functions-lambda.ts";
import { KINDS } from "./kinds/index.ts";
import type { AppResources } from "./kinds/kind.ts";
import { readEntry } from "./read-entry.ts";
import { environmentRefusal } from "./runtime-variables.ts";
import { callerScope } from "./scope.ts";
import { callerStatements, roleStatements } from "./statements.ts";

/** Where an App comes from: its file, or what was made of it already. */
export type AppSource =
  /** The file that declares it, relative to the working directory; it is bundled in a child process. */
  | { readonly entry: string; readonly manifest?: never; readonly asset?: never }
  | { readonly entry?: never; readonly manifest: AppManifest; readonly asset: AppAsset };

/** What an App on AWS is made from. */
export type AppConstructProps = AppSource & AppOnAwsOptions;

/** How an App runs on AWS. */
export interface AppOnAwsOptions {
  /** The environment that it belongs to: 1 to 16 lower-case letters and digits, a letter first. */
  readonly environment: string;
  /** @default "arm64" */
  readonly architecture?: AppArchitecture | undefined;
  /** Days that logs are kept, one of those that CloudWatch Logs knows. @default 30 */
  readonly logRetentionDays?: number | undefined;
}

/** Resources of one App at most: CloudFormation takes 500 in a stack, and the stack may hold more than the App. */
const MAX_APP_RESOURCES = 450;

const DEFAULT_LOG_DAYS = 30;

/**
 * An App on AWS, in a stack of its own ({@link AppStack}) or in yours: its Functions on Lambda, the dispatcher of its
 * durable calls, and what it declares in SSM. The environment's stack must be deployed first: the template refers to its
 * version.
 *
 * @throws InvalidError when a Function can't be a Lambda function, or for more than 450 resources.
 * @throws BundleError when the App of `entry` can't be bundled or loaded.
 *
 * @example
 * import { Stack } from "aws-cdk-lib";
 * import { AppConstruct } from "tenon/cdk";
 *
 * class Shop extends Stack {
 *   readonly jobs = new AppConstruct(this, "Jobs", { environment: "dev", entry: "./jobs.ts" });
 * }
 */
export class AppConstruct extends cdk.constructs.Construct {
  /** What the App declares. */
  readonly manifest: AppManifest;
  /** The Lambda function of each Function, by the Function's name. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly #environment: string;

  constructor(scope: Construct, id: string, props: AppConstructProps) {
    super(scope, id);
    const { environment } = props;
    this.#environment = checkAwsEnvironment(environment);
    const { manifest, asset } = props.entry === undefined ? props : readEntry(props.entry, environment, props.architecture);
    this.manifest = manifest;
    const parts = this.#parts(asset, props);

    const app: AppResources = {
      ...parts,
      construct: this,
      makeRole: (scope, id, role) => createRole(scope, id, roleStatements(role)),
      variablesOf: (fn) => containerVariables(parts, fn, app),
    };
    for (const kind of KINDS) kind.addResources?.(app);
    this.functions = viewsOf(this, Object.keys(manifest.functions));
    for (const [key, value] of Object.entries({ ...manifest.tags, "tenon:environment": environment, "tenon:app": manifest.name }))
      cdk.core.Tags.of(this).add(key, value);
    refuseTooMany(this, manifest);
  }

  /**
   * Lets somebody, such as another Lambda function's role, call these Functions, by default all, and read what they give
   * back. Throws `NotFoundError` for one that the App does not declare.
   */
  grantCall(grantee: IGrantable, ...functions: readonly string[]): void {
    const known = Object.keys(this.manifest.functions);
    const unknown = functions.find((name) => !known.includes(name));
    if (unknown !== undefined) throw functionNotFound({ app: this.manifest.name, name: unknown }, { known });
    const names = functions.length === 0 ? known : functions;
    for (const { Action, Resource, Condition } of callerStatements(callerScope(this.#environment, this.manifest, names))) {
      grantee.grantPrincipal.addToPrincipalPolicy(
        new cdk.iam.PolicyStatement({
          actions: [...Action],
          resources: Resource.map((arn) => cdk.core.Fn.sub(arn["Fn::Sub"])),
          ...(Condition === undefined ? {} : { conditions: Condition }),
        }),
      );
    }
  }

  #parts(asset: AppAsset, options: AppOnAwsOptions): AppParts {
    const { environment, architecture = "arm64", logRetentionDays = DEFAULT_LOG_DAYS } = options;
    const { manifest } = this;
    refuseFunctions(environment, manifest, asset.version);
    const stack = cdk.core.Stack.of(this);
    const staging = new cdk.core.AssetStaging(this, "Code", {
      sourcePath: asset.dir,
      follow: cdk.core.SymlinkFollowMode.EXTERNAL,
      extraHash: OPEN_MODES,
    });
    const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
      fileName: staging.relativeStagedPath(stack),
      packaging: cdk.core.FileAssetPackaging.ZIP_DIRECTORY,
      sourceHash: staging.assetHash,
      displayName: `${manifest.name} code`,
    });
    const code = { s3Bucket: bucketName, s3Key: objectKey };
    return { environment, manifest, code, version: asset.version, architecture, logRetentionDays };
  }
}

// --- Internal helpers ---

/** Throws `InvalidError` with every reason why a Function can't be a Lambda function. */
function refuseFunctions(environment: string, manifest: AppManifest, version: string): void {
  const refusals = planApp(manifest, environment).functions.flatMap((planned) => {
    const { name, env } = manifest.functions[planned.name]!;
    const variables = environmentRefusal(containerVariables({ environment, manifest, version }, name), env);
    const found = [...planned.refusals, ...(variables === undefined ? [] : [variables])];
    return found.map((each) => `Function "${name}" can't run on Lambda: ${each}`);
  });
  if (refusals.length > 0) throw new InvalidError(refusals.join("\n"));
}

/** L2 views, each made when it is first asked for: a construct that nobody uses is noise in the tree. */
function viewsOf(scope: Construct, names: readonly string[]): Readonly<Record<string, IFunction>> {
  const views = Object.create(null) as Record<string, IFunction>;
  for (const name of names) {
    let view: IFunction | undefined;
    const get = (): IFunction => (view ??= cdk.lambda.Function.fromFunctionArn(scope, `View-${name}`, lambdaOf(scope, name).attrArn));
    Object.defineProperty(views, name, { enumerable: true, get });
  }
  return views;
}

function refuseTooMany(scope: Construct, manifest: AppManifest): void {
  const resources = scope.node.findAll().filter((each) => cdk.core.CfnResource.isCfnResource(each)).length;
  if (resources <= MAX_APP_RESOURCES) return;
  throw new InvalidError(
    `App ${manifest.name} with its ${Object.keys(manifest.functions).length} Functions becomes ${resources} resources; a stack takes ${MAX_APP_RESOURCES}.`,
    { hint: "Split it into two Apps: a Function reaches those of another App by RemoteFunction.fromName." },
  );
}
