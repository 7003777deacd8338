import { appParameterPath } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AppInfo, LogQuery, StoppedApp } from "../../ports/apps.ts";
import type { LogRecord } from "../../wire/log-record.ts";
import { createAppControlApi, type ListedParameter } from "../aws/app-control.ts";
import type { AwsClientOptions } from "../aws/client-options.ts";
import { awsError } from "../aws/failures.ts";
import { readAwsLogs } from "./aws-logs.ts";
import { isOff, turnOff, turnOn } from "./aws-switch.ts";

/** What people do with the Apps of an environment, and no container does. Operations reject with Tenon's errors. */
export interface AppOperator {
  list(): Promise<readonly AppInfo[]>;
  stop(manifest: AppManifest): Promise<StoppedApp>;
  /** Whether an App is stopped; one that is not there is not. */
  isStopped(app: string): Promise<boolean>;
  /** Starts an App that is stopped. `reserved` are the environments that its template reserves, by the Lambda function's name. */
  start(manifest: AppManifest, reserved: ReadonlyMap<string, number>): Promise<void>;
  logs(manifest: AppManifest, query?: LogQuery): AsyncIterable<LogRecord>;
  destroy(): void;
}

/** Opens the Apps of an environment for people. */
export function openAppOperator(environment: string, options: AwsClientOptions): AppOperator {
  const control = createAppControlApi(options);
  const isStopped = (app: string): Promise<boolean> =>
    isOff(control, environment, app).catch(fail("AWS Lambda", "lambda:GetFunctionConcurrency", `the dispatcher of App "${app}"`));
  return {
    async list() {
      const path = appParameterPath(environment, "").replace(/\/$/, "");
      const found = appsOf(
        await control.parameters(path).catch(fail("AWS Systems Manager", "ssm:GetParametersByPath", `the parameters ${path}*`)),
      );
      const states: AppInfo[] = [];
      for (const { name, version, functions, sinceMs } of found) {
        const off = await isStopped(name);
        states.push({ name, environment, state: off ? "stopped" : "deployed", version, sinceMs, functions });
      }
      return states.toSorted((a, b) => b.sinceMs - a.sinceMs);
    },
    stop: (manifest) =>
      turnOff(control, { environment, manifest }).catch(fail("AWS Lambda", APP_SWITCH, `the functions of App "${manifest.name}"`)),
    isStopped,
    start: (manifest, reserved) =>
      turnOn(control, { environment, manifest }, reserved).catch(fail("AWS Lambda", APP_SWITCH, `the functions of App "${manifest.name}"`)),
    async *logs(manifest, query) {
      const { name: app } = manifest;
      const { createLogsApi } = await import("../aws/logs.ts");
      const logs = createLogsApi(options);
      try {
        yield* readAwsLogs(logs, { environment, app, functions: Object.keys(manifest.functions) }, query);
      } catch (error) {
        fail("Amazon CloudWatch Logs", "logs:FilterLogEvents", `the log groups /tenon/${environment}/${app}/*`)(error);
      } finally {
        logs.destroy();
      }
    },
    destroy: () => control.destroy(),
  };
}

// --- Internal helpers ---

/** What turning an App off and on takes. */
const APP_SWITCH =
  "lambda:PutFunctionConcurrency, lambda:DeleteFunctionConcurrency, lambda:ListEventSourceMappings or lambda:UpdateEventSourceMapping";

function fail(service: string, action: string, resource: string): (thrown: unknown) => never {
  return (thrown) => {
    throw awsError(thrown, { service, action, resource });
  };
}

interface ListedApp {
  readonly name: string;
  readonly version: string;
  readonly functions: readonly string[];
  readonly sinceMs: number;
}

/** The Apps whose pieces these are. One that can't be read is left out: it is being deployed or destroyed. */
function appsOf(parameters: readonly ListedParameter[]): readonly ListedApp[] {
  const pieces = new Map<string, ListedParameter[]>();
  for (const each of parameters) {
    const [, app, piece] = /\/apps\/([^/]+)\/(\d+)$/.exec(each.name) ?? [];
    if (app === undefined || piece === undefined) continue;
    const known = pieces.get(app) ?? [];
    known[Number(piece)] = each;
    pieces.set(app, known);
  }
  return [...pieces].flatMap(([name, found]) => {
    try {
      const text = found.map(({ value }) => value).join("");
      const { version, manifest } = JSON.parse(text) as { readonly version: string; readonly manifest: AppManifest };
      const sinceMs = Math.max(...found.map(({ changedAtMs }) => changedAtMs));
      return [{ name, version, functions: Object.keys(manifest.functions), sinceMs }];
    } catch {
      return [];
    }
  });
}
