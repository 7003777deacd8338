import { checkAwsEnvironment } from "../model/aws-names.ts";
import { ClientClosedError } from "../model/errors.ts";
import type { Backend } from "../ports/backend.ts";
import type { CallsPort } from "../ports/calls.ts";
import { createAwsApps } from "./apps/aws.ts";
import { notYetOnAws } from "./apps/errors.ts";
import type { AwsClients } from "./aws/clients.ts";
import { lazyAwsClients } from "./aws/lazy-clients.ts";
import { createAwsFunctions } from "./functions/aws.ts";

/** Where an environment on AWS is. */
export interface AwsBackendOptions {
  readonly environment: string;
  /** @default - what the AWS SDK finds: AWS_REGION, the profile */
  readonly region?: string | undefined;
  /** The URL of an emulator. @default - what the AWS SDK finds: AWS_ENDPOINT_URL */
  readonly endpoint?: string | undefined;
  /** The environment's bucket, where it is known already, as in a container. @default - asked for when the first value needs it */
  readonly bucket?: string | undefined;
}

/**
 * One environment on AWS, seen by a caller. Nothing is loaded or asked before the first operation.
 *
 * Throws `InvalidError` for the name of an environment that AWS can't have.
 */
export function createAwsBackend(options: AwsBackendOptions): Backend {
  const environment = checkAwsEnvironment(options.environment);
  const lazy = lazyAwsClients({ region: options.region, endpoint: options.endpoint });
  let closed = false;

  const clients = (): Promise<AwsClients> => {
    if (closed)
      return Promise.reject(new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." }));
    return lazy.get();
  };
  const apps = createAwsApps(environment, clients);
  const { bucket } = options;
  return {
    world: "aws",
    environment,
    functions: createAwsFunctions({
      environment,
      clients,
      bucket: bucket === undefined ? async (app) => (await apps.deployed(app)).bucket : () => Promise.resolve(bucket),
    }),
    calls: noCalls,
    apps,
    async close() {
      closed = true;
      await lazy.destroy();
    },
  };
}

// --- Internal helpers ---

const refuse = (): Promise<never> => Promise.reject(notYetOnAws("A durable call (spawn, and FunctionCall)"));
const noCalls: CallsPort = { spawn: refuse, get: refuse, cancel: refuse, status: refuse };
