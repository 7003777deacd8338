import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { appParameter, checkAwsEnvironment, cutAppParameter, environmentVersionParameter } from "../model/aws-names.ts";
import { InvalidError, NotFoundError } from "../model/errors.ts";
import type { AppManifest } from "../model/manifest.ts";
import type { AppArchitecture, AppAsset, AppParts } from "./app-parts.ts";
import { createRole } from "./app-role.ts";
import { aws, constructs, core } from "./cdk-modules.ts";
import { addDispatcher, addDispatcherQueue } from "./dispatcher-resources.ts";
import { MIN_ENVIRONMENT_VERSION } from "./environment-version.ts";
import { environmentRefusal } from "./function-environment.ts";
import { addFunction, functionVariables } from "./function-resources.ts";
import { closeInputQueues } from "./input-queue.ts";
import { planLambda } from "./lambda-plan.ts";
import { readEntry } from "./read-entry.ts";
import { callerStatements, functionStatements, statementScope } from "./statements.ts";

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
 * durable calls, and what it declares in SSM. The environment's stack must be deployed; the template demands it.
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
export class AppConstruct extends constructs.Construct {
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
    demandEnvironment(this, environment);

    const dispatcher = new constructs.Construct(this, "Dispatcher");
    const queue = addDispatcherQueue(dispatcher, parts);
    addDispatcher(dispatcher, parts, queue);
    // All Functions of an App have the same reach: every Function and every row of it.
    const role = createRole(this, "Role", functionStatements(statementScope(environment, manifest)));
    const made = Object.keys(manifest.functions).map((fn) => [fn, addFunction(this, parts, fn, { role, queue })] as const);
    this.functions = viewsOf(this, made);
    closeInputQueues(this);
    addParameters(this, parts);
    for (const [key, value] of Object.entries({ ...manifest.tags, "tenon:environment": environment, "tenon:app": manifest.name }))
      core.Tags.of(this).add(key, value);
    refuseTooMany(this, manifest);
  }

  /**
   * Lets somebody, such as another Lambda function's role, call these Functions, by default all, and read what they give
   * back. Throws `NotFoundError` for one that the App does not declare.
   */
  grantCall(grantee: IGrantable, ...functions: readonly string[]): void {
    const known = Object.keys(this.manifest.functions);
    const unknown = functions.find((name) => !known.includes(name));
    if (unknown !== undefined)
      throw new NotFoundError(`App ${this.manifest.name} has no Function "${unknown}".`, { hint: `It has ${known.join(", ")}.` });
    const names = functions.length === 0 ? known : functions;
    for (const { Action, Resource, Condition } of callerStatements(statementScope(this.#environment, this.manifest, names))) {
      grantee.grantPrincipal.addToPrincipalPolicy(
        new aws.iam.PolicyStatement({
          actions: [...Action],
          resources: Resource.map((arn) => core.Fn.sub(arn["Fn::Sub"])),
          ...(Condition === undefined ? {} : { conditions: Condition }),
        }),
      );
    }
  }

  #parts(asset: AppAsset, options: AppOnAwsOptions): AppParts {
    const { environment, architecture = "arm64", logRetentionDays = DEFAULT_LOG_DAYS } = options;
    const { manifest } = this;
    const specs = Object.values(manifest.functions);
    const plans = new Map(specs.map((spec) => [spec.name, planLambda(spec)]));
    const refusals = specs.flatMap((spec) => {
      const variables = functionVariables({ environment, manifest, version: asset.version }, spec.name);
      const found = [...plans.get(spec.name)!.refusals, environmentRefusal(variables, spec.env)];
      return found.filter((each) => each !== undefined).map((each) => `Function "${spec.name}" can't run on Lambda: ${each}`);
    });
    if (refusals.length > 0) throw new InvalidError(refusals.join("\n"));

    const stack = core.Stack.of(this);
    const staging = new core.AssetStaging(this, "Code", { sourcePath: asset.dir, follow: core.SymlinkFollowMode.EXTERNAL });
    const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
      fileName: staging.relativeStagedPath(stack),
      packaging: core.FileAssetPackaging.ZIP_DIRECTORY,
      sourceHash: staging.assetHash,
      displayName: `${manifest.name} code`,
    });
    const code = { s3Bucket: bucketName, s3Key: objectKey };
    return { environment, manifest, plans, code, version: asset.version, architecture, logRetentionDays };
  }
}

// --- Internal helpers ---

/** L2 views, each made when it is first asked for: a construct that nobody uses is noise in the tree. */
function viewsOf(scope: Construct, made: readonly (readonly [name: string, lambda: CfnFunction])[]): Readonly<Record<string, IFunction>> {
  const views = Object.create(null) as Record<string, IFunction>;
  for (const [name, lambda] of made) {
    let view: IFunction | undefined;
    const get = (): IFunction => (view ??= aws.lambda.Function.fromFunctionArn(scope, `View-${name}`, lambda.attrArn));
    Object.defineProperty(views, name, { enumerable: true, get });
  }
  return views;
}

/** A rule of the template: it is not deployed into an environment that is older than the App needs, or missing. */
function demandEnvironment(scope: Construct, environment: string): void {
  const version = new core.CfnParameter(scope, "EnvironmentVersion", {
    type: "AWS::SSM::Parameter::Value<String>",
    default: environmentVersionParameter(environment),
    description: `Version of the Tenon environment ${environment}; leave it as it is`,
  });
  const tooOld = Array.from({ length: MIN_ENVIRONMENT_VERSION }, (_, i) => String(i));
  new core.CfnRule(scope, "EnvironmentIsNewEnough", {
    assertions: [
      {
        assert: core.Fn.conditionNot(core.Fn.conditionContains(tooOld, version.valueAsString)),
        assertDescription: `The Tenon environment ${environment} is older than version ${MIN_ENVIRONMENT_VERSION}, which this App needs. Deploy it again: cdk deploy --app "npx tenon env synth -e ${environment}".`,
      },
    ],
  });
}

function addParameters(scope: Construct, { environment, manifest, version }: AppParts): void {
  // SSM and CloudFormation read "{{" as a reference; in JSON it stands only inside strings.
  const text = JSON.stringify({ version, manifest }).replaceAll("{{", "{\\u007b");
  for (const [piece, value] of cutAppParameter(text).entries()) {
    new aws.ssm.CfnParameter(scope, `Manifest-${piece}`, {
      name: appParameter(environment, manifest.name, piece),
      type: "String",
      value,
      description: `What the Tenon App ${manifest.name} declares`,
    });
  }
}

function refuseTooMany(scope: Construct, manifest: AppManifest): void {
  const resources = scope.node.findAll().filter((each) => core.CfnResource.isCfnResource(each)).length;
  if (resources <= MAX_APP_RESOURCES) return;
  throw new InvalidError(
    `App ${manifest.name} with its ${Object.keys(manifest.functions).length} Functions becomes ${resources} resources; a stack takes ${MAX_APP_RESOURCES}.`,
    { hint: "Split it into two Apps: a Function reaches those of another App by RemoteFunction.fromName." },
  );
}
