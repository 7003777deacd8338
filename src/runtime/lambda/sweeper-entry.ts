// What an environment's sweeper wakes up with: one Lambda function that a rule starts once a day.
import { createAwsClients } from "../../adapters/aws/clients.ts";
import { openAwsDict } from "../../adapters/dict/aws-open.ts";
import { dataTable } from "../../model/aws-names.ts";
import { needVariable } from "./environment.ts";
import { sweep, type SweepReport } from "./sweeper.ts";

/** Time that is left to note where a sweep stopped. */
const SPARE_MS = 30_000;

/**
 * The handler of an environment's sweeper, whatever the event. Its environment is `TENON_ENVIRONMENT` and `TENON_BUCKET`. What it
 * answers is in its log, too.
 */
export async function handler(_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<SweepReport> {
  const environment = needVariable(process.env, "TENON_ENVIRONMENT");
  const bucket = needVariable(process.env, "TENON_BUCKET");
  const clients = createAwsClients({});
  const { s3 } = clients;
  const dict = openAwsDict(() => Promise.resolve(clients), { environment, bucket: () => Promise.resolve(bucket) });
  const report = await sweep(
    {
      table: clients.data(dataTable(environment)),
      bucket: { list: (prefix, after) => s3.list(bucket, prefix, after), remove: (keys) => s3.remove(bucket, keys) },
      dict,
    },
    () => context.getRemainingTimeInMillis() > SPARE_MS,
  );
  process.stdout.write(`${JSON.stringify({ t: Date.now(), stream: "system", text: "swept", ...report })}\n`);
  return report;
}
