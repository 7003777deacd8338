import { appParameter, blobBucket } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AppsPort } from "../../ports/apps.ts";
import type { AwsClients } from "../aws/clients.ts";
import { awsError } from "../aws/failures.ts";
import type { Parameter } from "../aws/ssm.ts";
import type { AppOperator } from "./aws-operator.ts";
import { brokenApp, unknownApp } from "./errors.ts";
import { MANIFEST_TRUST_MS, PIECES_AT_ONCE } from "./limits.ts";

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

/** Reads what is deployed of Apps from their SSM parameters. */
export function readDeployedApps(environment: string, clients: () => Promise<AwsClients>): AwsApps["deployed"] {
  const known = new Map<string, { readonly untilMs: number; readonly found: Promise<DeployedOnAws> }>();

  const read = async (app: string): Promise<DeployedOnAws> => {
    const { ssm } = await clients();
    const piece = (n: number): Promise<Parameter | undefined> => {
      const name = appParameter(environment, app, n);
      return ssm.get(name).catch((error: unknown) => fail(name, error));
    };
    const first = await piece(0);
    if (first === undefined) throw unknownApp(app, environment);
    let text = first.value;
    let next = 1;
    // The text is one JSON object, and no beginning of one is itself JSON: it says when it is whole.
    while (!isJson(text)) {
      const more = await Promise.all(Array.from({ length: PIECES_AT_ONCE }, (_, n) => piece(next + n)));
      if (more[0] === undefined) throw brokenApp(app);
      for (const found of more) text += isJson(text) ? "" : (found?.value ?? "");
      next += PIECES_AT_ONCE;
    }
    const { version, manifest } = JSON.parse(text) as DeployedOnAws;
    // arn:aws:ssm:<region>:<account>:parameter/…
    const [, , , region = "", account = ""] = first.arn.split(":");
    return { version, manifest, bucket: blobBucket(environment, account, region) };
  };
  return (app, fresh = false) => {
    const nowMs = Date.now();
    const last = known.get(app);
    if (!fresh && last !== undefined && last.untilMs > nowMs) return last.found;
    const found = read(app);
    known.set(app, { untilMs: nowMs + MANIFEST_TRUST_MS, found });
    found.catch(() => known.delete(app));
    return found;
  };
}

/** The Apps of an environment. What people do with them, and no container, the `operator` does. */
export function createAwsApps(environment: string, clients: () => Promise<AwsClients>, operator: () => Promise<AppOperator>): AwsApps {
  const deployed = readDeployedApps(environment, clients);
  return {
    deployed,
    manifest: async (app) => (await deployed(app)).manifest,
    list: async () => (await operator()).list(),
    stop: async (app) => {
      const { manifest } = await deployed(app, true);
      return (await operator()).stop(manifest);
    },
    async *logs(app, query) {
      const { manifest } = await deployed(app, true);
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
  throw awsError(thrown, { service: "AWS Systems Manager", action: "ssm:GetParameter", resource: `the parameter ${name}` });
}
