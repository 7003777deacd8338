import { blobBucket, callsTable, environmentVersionParameter, functionName } from "../model/aws-names.ts";
import { ClientClosedError, NotFoundError } from "../model/errors.ts";
import { type AppPorts, OBJECT_PORTS, type ObjectPorts } from "../ports/backend.ts";
import { routePorts } from "../ports/make-port.ts";
import type { AwsObjectPlaces } from "./aws-objects.ts";
import { createAwsApps, type OwnApp } from "./apps/aws.ts";
import type { AppOperator } from "./apps/aws-operator.ts";
import type { AwsClientOptions } from "./aws/client-options.ts";
import { type AwsClients, createAwsClients } from "./aws/clients.ts";
import { awsError } from "./aws/failures.ts";
import type { SsmApi } from "./aws/ssm.ts";
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
  /** Whether this process is a container on Lambda. @default false */
  readonly inContainer?: boolean | undefined;
  /** What a container knows of its own App. @default - none: it is no container */
  readonly own?: OwnApp | undefined;
  /** Who makes named objects here. @default - nobody knows */
  readonly createdBy?: (() => Promise<string | null>) | undefined;
}

/** The ports of an environment on AWS, over one set of clients. */
export interface AwsPorts extends AppPorts {
  readonly objects: ObjectPorts;
  /** Closes the sockets. Operations reject with `ClientClosedError` from now on, also those under way. */
  close(): void;
}

/** Makes the ports of an environment on AWS. Those of a kind of named objects are loaded by their first operation. */
export function createAwsPorts(options: AwsBackendOptions): AwsPorts {
  const { bucket, createdBy, environment, own } = options;
  const made = createAwsClients(options);
  let closed = false;
  const clients = (): Promise<AwsClients> => (closed ? Promise.reject(closedClient()) : Promise.resolve(made));
  const operator = rememberOperator(environment, options);
  const apps = createAwsApps(environment, clients, {
    operator: operator.open,
    own,
    checkEnvironment: () => environmentBucket(made.ssm, environment),
  });
  const bucketOf = async (app: string): Promise<string> => bucket ?? (await apps.deployed(app)).bucket;
  const places: AwsObjectPlaces = { environment, bucket: async () => bucket ?? environmentBucket(made.ssm, environment), createdBy };
  const open = (port: keyof ObjectPorts): Promise<ObjectPorts[keyof ObjectPorts]> => OPEN_OBJECTS[port](clients, places);
  const opened = new Map<keyof ObjectPorts, ReturnType<typeof open>>();
  const objects = routePorts<ObjectPorts>(OBJECT_PORTS, (port) => () => {
    const known = opened.get(port) ?? open(port);
    opened.set(port, known);
    return known;
  });
  return {
    apps,
    objects,
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
      operator.close();
    },
  };
}

// --- Internal helpers ---

/** Loads and opens the port of each kind of named objects. */
const OPEN_OBJECTS: {
  readonly [P in keyof ObjectPorts]: (clients: () => Promise<AwsClients>, places: AwsObjectPlaces) => Promise<ObjectPorts[P]>;
} = {
  dict: async (clients, places) => (await import("./dict/aws-open.ts")).openAwsDict(clients, places),
};

/** Loads and opens the operator of the environment's Apps at its first use. */
function rememberOperator(environment: string, options: AwsClientOptions): { open(): Promise<AppOperator>; close(): void } {
  let opening: Promise<AppOperator> | undefined;
  return {
    open: () => (opening ??= import("./apps/aws-operator.ts").then(({ openAppOperator }) => openAppOperator(environment, options))),
    close: () => void opening?.then((operator) => operator.destroy()).catch(() => undefined),
  };
}

/** The bucket of an environment, from where its version is kept: account and region stand in that parameter's name. */
async function environmentBucket(ssm: SsmApi, environment: string): Promise<string> {
  const name = environmentVersionParameter(environment);
  const request = { service: "AWS Systems Manager", action: "ssm:GetParameters", resource: `the parameter ${name}` };
  const found = await ssm.get([name]).catch((error: unknown) => Promise.reject(awsError(error, request)));
  const version = found.get(name);
  if (version === undefined)
    throw new NotFoundError(`Environment "${environment}" is not deployed: ${request.resource} is missing.`, {
      hint: `Run \`tenon env deploy -e ${environment}\`.`,
    });
  // arn:aws:ssm:<region>:<account>:parameter/…
  const [, , , region = "", account = ""] = version.arn.split(":");
  return blobBucket(environment, account, region);
}

function closedClient(): ClientClosedError {
  return new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." });
}
