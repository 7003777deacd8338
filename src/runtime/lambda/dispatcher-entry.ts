import { readDeployedApps } from "../../adapters/apps/aws.ts";
import { type AwsClients, createAwsClients } from "../../adapters/aws/clients.ts";
import { createAwsDriver } from "../../adapters/calls/aws-driver.ts";
import { createAwsDueRows } from "../../adapters/calls/aws-due.ts";
import { openAwsCallRows } from "../../adapters/calls/aws-open.ts";
import { createSendDelivery } from "../../adapters/calls/aws-deliveries.ts";
import { createDispatcher, type QueueAnswer, type QueueEvent, type SweepEvent } from "./dispatcher.ts";
import { needVariable } from "./environment.ts";
import { oldEnvironmentLine } from "./old-environment.ts";

let dispatcher: ReturnType<typeof createDispatcher> | undefined;

/**
 * The handler of an App's dispatcher. It works off messages of its queue and answers which of them failed, and it sweeps
 * when the rule says so.
 *
 * Its environment is that of a Function, with TENON_ENVIRONMENT_VERSION in the place of TENON_FUNCTION.
 */
export async function handler(event: QueueEvent | SweepEvent): Promise<QueueAnswer> {
  if (dispatcher === undefined) process.stdout.write(oldEnvironmentLine(process.env, Date.now()) ?? "");
  dispatcher ??= fromEnvironment(process.env);
  return dispatcher.handle(event);
}

// --- Internal helpers ---

function fromEnvironment(variables: NodeJS.ProcessEnv): ReturnType<typeof createDispatcher> {
  const made = createAwsClients({});
  const clients = (): Promise<AwsClients> => Promise.resolve(made);
  const bucket = needVariable(variables, "TENON_BUCKET");
  const queueUrl = needVariable(variables, "TENON_DISPATCHER_QUEUE_URL");
  const table = needVariable(variables, "TENON_CALLS_TABLE");
  const rows = openAwsCallRows(clients, { table, bucket: () => Promise.resolve(bucket) });
  const enqueue = async (body: string, delayMs: number): Promise<void> => (await clients()).queue(queueUrl).send(body, delayMs);
  const environment = needVariable(variables, "TENON_ENVIRONMENT");
  return createDispatcher({
    environment,
    app: needVariable(variables, "TENON_APP"),
    rows,
    due: createAwsDueRows(made.table(table), environment),
    driver: createAwsDriver({ rows, later: enqueue }),
    sendDelivery: createSendDelivery({ environment, deployed: readDeployedApps(environment, clients), clients }),
    enqueue,
  });
}
