import { appParameter, appParameterPath, blobBucket } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AppsPort } from "../../ports/apps.ts";
import type { AwsClients } from "../aws/clients.ts";
import { awsError, isDenied } from "../aws/failures.ts";
import type { AppOperator } from "./aws-operator.ts";
import { brokenApp, checkLogged, unknownApp } from "./errors.ts";
import { CONTAINER_TRUST_MS, MANIFEST_TRUST_MS, PIECES_AT_ONCE } from "./limits.ts";

/** What is deployed of one App. */
export interface DeployedOnAws {
  readonly version: string;
  readonly manifest: AppManifest;
  /** The bucket of its environment. */
  readonly bucket: string;
}

/** The Apps of one environment, with what their callers need to know beside the manifest. */
export interface AwsApps extends AppsPort {
  /** What is deployed, which is remembered for a while unless it is to be `fresh`. Rejects with `NotFoundError`. */
  deployed(app: string, fresh?: boolean): Promise<DeployedOnAws>;
}

/** What a container knows of its own App without asking. */
export interface OwnApp {
  readonly app: string;
  readonly version: string;
  readonly bucket: string;
  /** What the App declares; `undefined` before its module is loaded. */
  readonly manifest: () => AppManifest | undefined;
}

/** Reads what is deployed of Apps from their SSM parameters. In a container it says of the `own` App what this process has loaded. */
export function readDeployedApps(environment: string, clients: () => Promise<AwsClients>, own?: OwnApp): AwsApps["deployed"] {
  const known = new Map<string, { readonly untilMs: number; readonly found: Promise<DeployedOnAws> }>();
  const trustMs = own === undefined ? MANIFEST_TRUST_MS : CONTAINER_TRUST_MS;

  const read = async (app: string): Promise<DeployedOnAws> => {
    const { ssm } = await clients();
    let text = "";
    let arn = "";
    // The text is one JSON object, and no beginning of one is itself JSON: it says when it is whole.
    for (let next = 0; !isJson(text); next += PIECES_AT_ONCE) {
      const names = Array.from({ length: PIECES_AT_ONCE }, (_, n) => appParameter(environment, app, next + n));
      const pieces = await ssm.get(names).catch((error: unknown) => fail(`${appParameterPath(environment, app)}*`, error));
      const first = pieces.get(names[0] as string);
      if (first === undefined) throw next === 0 ? unknownApp(app, environment) : brokenApp(app);
      arn ||= first.arn;
      for (const name of names) text += isJson(text) ? "" : (pieces.get(name)?.value ?? "");
    }
    const { version, manifest } = JSON.parse(text) as DeployedOnAws;
    // arn:aws:ssm:<region>:<account>:parameter/…
    const [, , , region = "", account = ""] = arn.split(":");
    return { version, manifest, bucket: blobBucket(environment, account, region) };
  };
  let mine: DeployedOnAws | undefined;
  const loaded = (app: string): DeployedOnAws | undefined => {
    if (own === undefined || own.app !== app) return undefined;
    const manifest = mine === undefined ? own.manifest() : undefined;
    if (manifest !== undefined) mine = { version: own.version, manifest, bucket: own.bucket };
    return mine;
  };
  return async (app, fresh = false) => {
    const nowMs = Date.now();
    const last = known.get(app);
    // What was asked for lately is newer than what was loaded.
    if (!fresh && last !== undefined && last.untilMs > nowMs) return last.found;
    const own = fresh ? undefined : loaded(app);
    if (own !== undefined) return own;
    const found = read(app);
    known.set(app, { untilMs: nowMs + trustMs, found });
    found.catch(() => known.delete(app));
    return found;
  };
}

/** What the Apps of an environment are made with. */
export interface AwsAppsParams {
  readonly operator: () => Promise<AppOperator>;
  readonly own?: OwnApp | undefined;
  /** Rejects with `NotFoundError` where the environment is not deployed. */
  readonly checkEnvironment: () => Promise<unknown>;
}

/** The Apps of an environment. What people do with them, and no container, the `operator` does. */
export function createAwsApps(
  environment: string,
  clients: () => Promise<AwsClients>,
  { operator, own, checkEnvironment }: AwsAppsParams,
): AwsApps {
  const deployed = readDeployedApps(environment, clients, own);
  return {
    deployed,
    manifest: async (app) => (await deployed(app)).manifest,
    async list() {
      const found = await (await operator()).list();
      // Who may not ask for the environment's version is told no more than that there is no App.
      if (found.length === 0) await checkEnvironment().catch((error: unknown) => (isDenied(error) ? undefined : Promise.reject(error)));
      return found;
    },
    stop: async (app) => {
      const { manifest } = await deployed(app, true);
      return (await operator()).stop(manifest);
    },
    async *logs(app, query) {
      const { manifest } = await deployed(app, true);
      checkLogged(app, Object.keys(manifest.functions), query?.fn);
      yield* (await operator()).logs(manifest, query);
    },
  };
}

// --- Internal helpers ---

function isJson(text: string): boolean {
  if (!text.endsWith("}")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function fail(name: string, thrown: unknown): never {
  throw awsError(thrown, { service: "AWS Systems Manager", action: "ssm:GetParameters", resource: `the parameters ${name}` });
}
