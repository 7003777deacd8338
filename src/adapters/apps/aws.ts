import { appParameterPath, blobBucket } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AppsPort } from "../../ports/apps.ts";
import type { AwsClients } from "../aws/clients.ts";
import { deniedAction, failedOperation, unknownCaller, unreachable } from "../functions/errors.ts";
import { brokenApp, notYetOnAws, unknownApp } from "./errors.ts";
import { MANIFEST_TRUST_MS } from "./limits.ts";

/** What is deployed of one App. */
export interface DeployedOnAws {
  readonly version: string;
  readonly manifest: AppManifest;
  /** The bucket of its environment. */
  readonly bucket: string;
}

/** The Apps of one environment, with what their callers need to know beside the manifest. */
export interface AwsApps extends AppsPort {
  /** Rejects with `NotFoundError`. */
  deployed(app: string): Promise<DeployedOnAws>;
}

/** Reads Apps from their SSM parameters. */
export function createAwsApps(environment: string, clients: () => Promise<AwsClients>): AwsApps {
  const known = new Map<string, { readonly untilMs: number; readonly found: Promise<DeployedOnAws> }>();

  const read = async (app: string): Promise<DeployedOnAws> => {
    const path = appParameterPath(environment, app);
    const { ssm } = await clients();
    const parameters = await ssm.below(path).catch((error: unknown) => fail(path, error));
    const pieces = parameters.toSorted((a, b) => pieceOf(a.name) - pieceOf(b.name));
    const first = pieces[0];
    if (first === undefined) throw unknownApp(app, environment);
    // arn:aws:ssm:<region>:<account>:parameter/…
    const [, , , region = "", account = ""] = first.arn.split(":");
    try {
      const { version, manifest } = JSON.parse(pieces.map((piece) => piece.value).join("")) as DeployedOnAws;
      return { version, manifest, bucket: blobBucket(environment, account, region) };
    } catch (error) {
      throw brokenApp(app, error);
    }
  };
  const deployed = (app: string): Promise<DeployedOnAws> => {
    const nowMs = Date.now();
    const last = known.get(app);
    if (last !== undefined && last.untilMs > nowMs) return last.found;
    const found = read(app);
    known.set(app, { untilMs: nowMs + MANIFEST_TRUST_MS, found });
    found.catch(() => known.delete(app));
    return found;
  };

  return {
    deployed,
    manifest: async (app) => (await deployed(app)).manifest,
    list: () => Promise.reject(notYetOnAws("The list of Apps")),
    stop: () => Promise.reject(notYetOnAws("Stopping an App")),
    // eslint-disable-next-line require-yield
    async *logs() {
      throw notYetOnAws("Reading the log of an App");
    },
  };
}

// --- Internal helpers ---

function pieceOf(name: string): number {
  return Number(name.slice(name.lastIndexOf("/") + 1));
}

function fail(path: string, thrown: unknown): never {
  const error = thrown instanceof Error ? thrown : new TypeError(String(thrown));
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (error.name === "AccessDeniedException") throw deniedAction("ssm:GetParametersByPath", `the parameters below ${path}`, error);
  if (/Token|Credentials|Signature|UnrecognizedClient/.test(error.name)) throw unknownCaller(error);
  if (status === undefined) throw unreachable("AWS Systems Manager", error);
  throw failedOperation(`ssm:GetParametersByPath of ${path}`, error);
}
