import { callsTable, functionName } from "../model/aws-names.ts";
import { ClientClosedError } from "../model/errors.ts";
import type { AppPorts } from "../ports/backend.ts";
import { createAwsApps } from "./apps/aws.ts";
import { type AwsClients, createAwsClients } from "./aws/clients.ts";
import { createAwsCalls } from "./calls/aws.ts";
import { createSendDelivery } from "./calls/aws-deliveries.ts";
import { openAwsCallRows } from "./calls/aws-open.ts";
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

/** The ports of an environment on AWS, over one set of clients. */
export interface AwsPorts extends AppPorts {
  /** Closes the sockets. Operations reject with `ClientClosedError` from now on, also those under way. */
  close(): void;
}

/** Makes the ports of an environment on AWS that are routed by App. */
export function createAwsPorts({ bucket, endpoint, environment, region }: AwsBackendOptions): AwsPorts {
  const made = createAwsClients({ region, endpoint });
  let closed = false;
  const clients = (): Promise<AwsClients> => (closed ? Promise.reject(closedClient()) : Promise.resolve(made));
  const apps = createAwsApps(environment, clients);
  const bucketOf = async (app: string): Promise<string> => bucket ?? (await apps.deployed(app)).bucket;
  return {
    apps,
    functions: createAwsFunctions({ environment, clients, bucket: bucketOf }),
    calls: createAwsCalls({
      environment,
      rows: openAwsCallRows(clients, { table: callsTable(environment), bucket: bucketOf }),
      sendDelivery: createSendDelivery({ environment, deployed: apps.deployed, clients }),
      async checkFunction(ref) {
        const { functions } = await apps.manifest(ref.app);
        if (!Object.hasOwn(functions, ref.name))
          throw unknownFunction(ref, environment, functionName(environment, ref.app, ref.name), undefined);
      },
    }),
    close() {
      closed = true;
      made.destroy();
    },
  };
}

// --- Internal helpers ---

function closedClient(): ClientClosedError {
  return new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." });
}
