import { checkAwsEnvironment } from "../model/aws-names.ts";
import { ClientClosedError } from "../model/errors.ts";
import { absentObjects } from "../ports/absent-objects.ts";
import { APP_PORTS, type AppPorts, type Backend } from "../ports/backend.ts";
import { routePorts } from "../ports/make-port.ts";
import { type AwsClients, createAwsClients } from "./aws/clients.ts";
import { FIRST_MAP_WINDOW, LONGEST_HELD_MS } from "./functions/limits.ts";

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
export function createAwsBackend({ bucket, endpoint, environment: name, region }: AwsBackendOptions): Backend {
  const environment = checkAwsEnvironment(name);
  const made = createAwsClients({ region, endpoint });
  let closed = false;
  const clients = (): Promise<AwsClients> =>
    closed
      ? Promise.reject(new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." }))
      : Promise.resolve(made);

  let loading: Promise<AppPorts> | undefined;
  const load = (): Promise<AppPorts> =>
    (loading ??= import("./aws-ports.ts").then(({ createAwsPorts }) => createAwsPorts({ environment, bucket, clients })));
  const ports = routePorts<AppPorts>(APP_PORTS, (port) => async () => (await load())[port]);
  return {
    kind: "aws",
    environment,
    ...ports,
    functions: { ...ports.functions, farCaller: { longestHeldMs: LONGEST_HELD_MS, firstWindow: FIRST_MAP_WINDOW } },
    objects: absentObjects("this backend has no named objects yet"),
    async close() {
      closed = true;
      made.destroy();
    },
  };
}
