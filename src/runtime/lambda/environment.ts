import { LAMBDA_DEFAULT_STARTUP_MS } from "../../adapters/functions/limits.ts";
import { InvalidError } from "../../model/errors.ts";
import { containerIdOf } from "../../model/ids.ts";

/** What a container on Lambda is told by its variables. */
export interface LambdaEnvironment {
  readonly environment: string;
  readonly app: string;
  /** The App's name in the code: another one when it runs under a name of its own for a while. */
  readonly declaredApp: string;
  readonly fn: string;
  readonly startupTimeoutMs: number;
  /** Whether Lambda keeps it ready beforehand (provisioned concurrency): then init may take as long as it needs. */
  readonly provisioned: boolean;
  readonly version: string;
  /** Whether each Function has metrics of its own. */
  readonly metrics: boolean;
  readonly bucket: string;
  readonly callsTable: string;
  readonly dispatcherQueueUrl: string;
  /** After its log stream, which is what Lambda names an execution environment by. */
  readonly container: string;
  /** The folder of app.mjs. */
  readonly taskRoot: string;
}

/** Reads the variables. Throws `InvalidError` for one that is missing. */
export function readLambdaEnvironment(variables: Readonly<Record<string, string | undefined>>): LambdaEnvironment {
  const need = (name: string): string => needVariable(variables, name);
  return {
    environment: need("TENON_ENVIRONMENT"),
    app: need("TENON_APP"),
    declaredApp: variables["TENON_DECLARED_APP"] || need("TENON_APP"),
    fn: need("TENON_FUNCTION"),
    startupTimeoutMs: Number(variables["TENON_STARTUP_TIMEOUT_MS"] ?? LAMBDA_DEFAULT_STARTUP_MS),
    provisioned: variables["AWS_LAMBDA_INITIALIZATION_TYPE"] === "provisioned-concurrency",
    version: need("TENON_VERSION"),
    metrics: variables["TENON_METRICS"] === "1",
    bucket: need("TENON_BUCKET"),
    callsTable: need("TENON_CALLS_TABLE"),
    dispatcherQueueUrl: need("TENON_DISPATCHER_QUEUE_URL"),
    container: containerIdOf(variables["AWS_LAMBDA_LOG_STREAM_NAME"]),
    taskRoot: need("LAMBDA_TASK_ROOT"),
  };
}

/** One variable. Throws `InvalidError` when it is missing. */
export function needVariable(variables: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = variables[name];
  if (value !== undefined && value !== "") return value;
  throw new InvalidError(`The variable ${name} of this Lambda function is not set.`, {
    hint: "Deploy the App with Tenon, which sets the variables of each Function.",
  });
}
