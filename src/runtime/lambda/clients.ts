import { type AwsClients, createAwsClients } from "../../adapters/aws/clients.ts";

let made: AwsClients | undefined;

/** The clients of this container: one set, which lives as long as its process. */
export async function containerClients(): Promise<AwsClients> {
  return (made ??= createAwsClients({ inContainer: true }));
}
