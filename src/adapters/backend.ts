import { callsTable, checkAwsEnvironment, functionName } from "../model/aws-names.ts";
import { ClientClosedError } from "../model/errors.ts";
import { absentObjects } from "../ports/absent-objects.ts";
import type { Backend } from "../ports/backend.ts";
import { createAwsApps } from "./apps/aws.ts";
import type { AwsClients } from "./aws/clients.ts";
import { lazyAwsClients } from "./aws/lazy-clients.ts";
import { createAwsCalls } from "./calls/aws.ts";
import { openAwsCallRows } from "./calls/aws-open.ts";
import { createSendDelivery } from "./calls/aws-deliveries.ts";
import { createAwsFunctions } from "./functions/aws.ts";
import { unknownFunction } from "./functions/errors.ts";

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
  const bucketOf = async (app: string): Promise<string> => bucket ?? (await apps.deployed(app)).bucket;
  return {
    kind: "aws",
    environment,
    functions: createAwsFunctions({
      environment,
      clients,
      bucket: bucketOf,
    }),
    calls: createAwsCalls({
      environment,
      rows: openAwsCallRows(clients, {
        get table() {
          return callsTable(environment);
        },
        bucket: bucketOf,
      }),
      sendDelivery: createSendDelivery({ environment, deployed: apps.deployed, clients }),
      async checkFunction(ref) {
        const { functions } = await apps.manifest(ref.app);
        if (!Object.hasOwn(functions, ref.name))
          throw unknownFunction(ref, environment, functionName(environment, ref.app, ref.name), undefined);
      },
    }),
    apps,
    objects: absentObjects("this backend has no named objects yet"),
    async close() {
      closed = true;
      await lazy.destroy();
    },
  };
}
