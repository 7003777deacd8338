import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IGrantable, IPrincipal, IRole } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { checkAwsEnvironment } from "../model/aws-names.ts";
import { withBrake } from "../model/brake.ts";
import { InvalidError } from "../model/errors.ts";
import { functionNotFound } from "../model/function-not-found.ts";
import type { AppManifest } from "../model/manifest.ts";
import { OPEN_MODES } from "../util/open-modes.ts";
import { type AppGrants, createAppGrants } from "./app-grants.ts";
import type { AppArchitecture, AppAsset, AppParts } from "./app-parts.ts";
import { planApp } from "./app-plan.ts";
import { createRole } from "./app-role.ts";
import { type AppOnAwsSettings, type AppSettings, letLogsUse, settingsOf } from "./app-settings.ts";
import { textOf } from "./arns.ts";
import { cdk } from "./cdk-modules.ts";
import { containerVariables } from "./container-variables.ts";
import { lambdaOf } from "./kinds/functions-lambda.ts";
import { functionRoles } from "./kinds/functions-roles.ts";
import { KINDS } from "./kinds/index.ts";
import type { AppResources } from "./kinds/kind.ts";
import { readEntry } from "./read-entry.ts";
import { environmentRefusal } from "./runtime-variables.ts";
import { callerScope } from "./scope.ts";
import { settingsStatements, type RoleSettings } from "./settings-statements.ts";
import { callerStatements, roleStatements } from "./statements.ts";
import { askedServices, checkReach } from "./vpc-reach.ts";

/** Where an App comes from: its file, or what was made of it already. */
export type AppSource =
  /** The file that declares it, relative to the working directory; it is bundled in a child process. */
  | { readonly entry: string; readonly manifest?: never; readonly asset?: never }
  | { readonly entry?: never; readonly manifest: AppManifest; readonly asset: AppAsset };

/** What an App on AWS is made from. */
export type AppConstructProps = AppSource & AppOnAwsOptions;

/** How an App runs on AWS. */
export interface AppOnAwsOptions extends AppOnAwsSettings {
  /** The environment that it belongs to: 1 to 16 lower-case letters and digits, a letter first. */
  readonly environment: string;
  /** @default "arm64" */
  readonly architecture?: AppArchitecture | undefined;
}

/** Resources of one App at most: CloudFormation takes 500 in a stack, and the stack may hold more than the App. */
const MAX_APP_RESOURCES = 450;

/**
 * An App on AWS, in a stack of its own ({@link AppStack}) or in yours: its Functions on Lambda, the dispatcher of its
 * durable calls, and what it declares in SSM. The environment's stack must be deployed first: the template refers to its
 * version.
 *
 * What is granted to it, all its Functions may: `table.grantReadData(app)`. What is granted to one of `functions`, or to
 * `roleOf(name)`, also those may that share the role because they use the same.
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
export class AppConstruct extends cdk.constructs.Construct implements IGrantable {
  /** What the App declares. */
  readonly manifest: AppManifest;
  /** The Lambda function of each Function, by the Function's name. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly #environment: string;
  readonly #grants: AppGrants;
  readonly #roleSettings: RoleSettings;

  constructor(scope: Construct, id: string, props: AppConstructProps) {
    super(scope, id);
    const { environment } = props;
    this.#environment = checkAwsEnvironment(environment);
    const { manifest, asset } = props.entry === undefined ? props : readEntry(props.entry, environment, props.architecture);
    this.manifest = withBrake(manifest, props);
    const settings = settingsOf(this, this.manifest, props);
    this.#roleSettings = { ...settings, inVpc: settings.network !== undefined };
    const parts = this.#parts(asset, props, settings);

    const app: AppResources = {
      ...parts,
      construct: this,
      makeRole: (scope, id, role) => {
        const { own, ...others } = roleStatements(role);
        return createRole(scope, id, { own: [...own, ...settingsStatements(this.#roleSettings, role.actor)], ...others });
      },
      variablesOf: (fn) => containerVariables(parts, fn, app),
    };
    for (const kind of KINDS) kind.addResources?.(app);
    this.#grants = createAppGrants(this, this.manifest, environment);
    this.functions = viewsOf(this, Object.keys(manifest.functions), (fn) => this.#grants.roleOf(fn));
    if (props.kmsKey !== undefined) letLogsUse(props.kmsKey, environment, manifest.name);
    if (props.vpc !== undefined)
      checkReach(this, props.vpc, { vpcSubnets: props.vpcSubnets, services: askedServices(functionActions(this.manifest, environment)) });
    for (const [key, value] of Object.entries({ ...manifest.tags, "tenon:environment": environment, "tenon:app": manifest.name }))
      cdk.core.Tags.of(this).add(key, value);
    refuseTooMany(this, manifest);
  }

  /** All its Functions: whoever grants to the App grants to each of their roles. */
  get grantPrincipal(): IPrincipal {
    return this.#grants.grantPrincipal;
  }

  /** The role that all its Functions share. Throws `InvalidError` when there are several, by what they may do: see `roleOf`. */
  get role(): IRole {
    return this.#grants.only();
  }

  /** The role of a Function, which Functions share that may do the same. Throws `NotFoundError` for one that the App does not declare. */
  roleOf(fn: string): IRole {
    return this.#grants.roleOf(fn);
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
    const scope = callerScope(this.#environment, this.manifest, names);
    for (const { Action, Resource, Condition } of [...callerStatements(scope), ...settingsStatements(this.#roleSettings, "caller")]) {
      grantee.grantPrincipal.addToPrincipalPolicy(
        new cdk.iam.PolicyStatement({
          actions: [...Action],
          resources: Resource.map((of) => (typeof of === "string" ? of : cdk.core.Fn.sub(textOf(of)))),
          ...(Condition === undefined ? {} : { conditions: Condition }),
        }),
      );
    }
  }

  #parts(asset: AppAsset, options: AppOnAwsOptions, settings: AppSettings): AppParts {
    const { environment, architecture = "arm64" } = options;
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
    return { environment, manifest, code, version: asset.version, architecture, settings };
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

/** Every action that a role of the App's Functions allows. */
function functionActions(manifest: AppManifest, environment: string): readonly string[] {
  return functionRoles(manifest, environment).flatMap(({ role }) => {
    const { own, named, permitted } = roleStatements(role);
    return [...own, ...named, ...permitted].flatMap(({ Action }) => Action);
  });
}

/** L2 views, each made when it is first asked for: a construct that nobody uses is noise in the tree. */
function viewsOf(scope: Construct, names: readonly string[], roleOf: (fn: string) => IRole): Readonly<Record<string, IFunction>> {
  const views = Object.create(null) as Record<string, IFunction>;
  for (const name of names) {
    let view: IFunction | undefined;
    const get = (): IFunction =>
      (view ??= cdk.lambda.Function.fromFunctionAttributes(scope, `View-${name}`, {
        functionArn: lambdaOf(scope, name).attrArn,
        role: roleOf(name),
      }));
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
