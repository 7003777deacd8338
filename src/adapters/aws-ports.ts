import { callsTable, functionName } from "../model/aws-names.ts";
import type { AppPorts } from "../ports/backend.ts";
import { createAwsApps } from "./apps/aws.ts";
import type { AwsClients } from "./aws/clients.ts";
import { createAwsCalls } from "./calls/aws.ts";
import { createSendDelivery } from "./calls/aws-deliveries.ts";
import { openAwsCallRows } from "./calls/aws-open.ts";
import { createAwsFunctions } from "./functions/aws.ts";
import { unknownFunction } from "./functions/errors.ts";

/** What the ports of an environment on AWS work with. */
export interface AwsPortsParams {
  readonly environment: string;
  /** The environment's bucket, where it is known already. @default - asked for when the first value needs it */
  readonly bucket: string | undefined;
  readonly clients: () => Promise<AwsClients>;
}

/** Makes the ports of an environment on AWS that are routed by App. */
export function createAwsPorts({ bucket, clients, environment }: AwsPortsParams): AppPorts {
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
  };
}
