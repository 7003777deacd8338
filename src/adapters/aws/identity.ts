import { setTimeout as sleep } from "node:timers/promises";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsClientOptions } from "./client-options.ts";
import { openClient } from "./open-client.ts";

/** Where the AWS SDK's requests go; what is not known is absent. */
export interface AwsIdentity {
  /** The account's id. */
  readonly account?: string | undefined;
  /** The user or the role that asks. */
  readonly arn?: string | undefined;
  readonly region?: string | undefined;
  /** The URL that stands in AWS's place, such as an emulator's. */
  readonly endpoint?: string | undefined;
}

const PATIENCE_MS = 3_000;
const LIMITS = { maxSockets: 1, requestTimeoutMs: PATIENCE_MS };
const AWS_HOST = /\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

/** Asks AWS who calls. Never rejects: what can't be found out within three seconds is left out. */
export async function findIdentity(options: AwsClientOptions): Promise<AwsIdentity> {
  const sts = openClient(options, LIMITS, (shared) => new STSClient({ ...shared, maxAttempts: 1 }));
  let endpoint: string | undefined;
  sts.middlewareStack.add(
    (next) => (args) => {
      const { protocol, hostname, port } = args.request as { protocol: string; hostname: string; port?: number };
      if (!AWS_HOST.test(hostname)) endpoint = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
      return next(args);
    },
    { step: "finalizeRequest", name: "tenonSeesEndpoint" },
  );
  try {
    const region = await sts.config.region();
    // Who has no credentials may wait long for the places where the SDK looks for them.
    const answer = sts.send(new GetCallerIdentityCommand({})).catch(() => undefined);
    const known = await Promise.race([answer, sleep(PATIENCE_MS, undefined, { ref: false })]);
    return { account: known?.Account, arn: known?.Arn, region, endpoint };
  } catch {
    return {};
  } finally {
    sts.destroy();
  }
}
