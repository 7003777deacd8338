import type { AppManifest } from "../model/manifest.ts";
import { showNumber } from "../util/show-value.ts";
import { functionRoles } from "./kinds/functions-roles.ts";
import { formatPrice, PRICES } from "./prices.ts";
import { roleStatements } from "./statements.ts";
import { askedServices, endpointWords } from "./vpc-reach.ts";

/** What an App says of itself as a whole. */
export interface PlannedSetting {
  /** The option of `new App`, such as `metrics`. */
  readonly option: string;
  readonly becomes: string;
  /** What it costs, in words; `null` when nothing. */
  readonly price: string | null;
}

/** What code may do on AWS because its App says so. */
export interface PlannedPermission {
  readonly functions: readonly string[];
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** What becomes of what an App says of itself as a whole. */
export function planSettings(manifest: AppManifest, environment: string): readonly PlannedSetting[] {
  return [metrics(manifest), ...brake(manifest), ...network(manifest, environment), ...others(manifest)];
}

/** What the code of the App and of its Functions may do, as it was declared. */
export function planPermissions(manifest: AppManifest): readonly PlannedPermission[] {
  const all = Object.keys(manifest.functions);
  return [
    ...(manifest.permissions ?? []).map((each) => ({ functions: all, ...each })),
    ...Object.values(manifest.functions).flatMap(({ name, permissions = [] }) =>
      permissions.map((each) => ({ functions: [name], ...each })),
    ),
  ];
}

// --- Internal helpers ---

/** Of each Function with metrics: calls, failures, timeouts, retries. Each class of error is one more. */
const METRICS_OF_A_FUNCTION = 4;

function metrics({ functions, metrics: wanted }: AppManifest): PlannedSetting {
  const each = formatPrice(PRICES.metricMonth);
  if (wanted !== true)
    return {
      option: "metrics",
      becomes: "one custom metric, Errors, in months in which a call fails",
      price: `${each} a month; with metrics: true ${METRICS_OF_A_FUNCTION} and more for each Function`,
    };
  const most = Object.keys(functions).length * METRICS_OF_A_FUNCTION;
  return {
    option: "metrics",
    becomes:
      "Calls, Failures, Timeouts, Retries of each Function, Failures of each class of error; AWS's own metrics tell the age of queues",
    price: `${each} a month each, ${formatPrice(most * PRICES.metricMonth)} for ${most}, plus one for each class of error`,
  };
}

function brake({ functions, brake: said }: AppManifest): readonly PlannedSetting[] {
  if (said === undefined) return [];
  const { maxContainers, enforce, shares = [] } = said;
  const handed = shares.map((name) => `${name} ${showNumber(functions[name]?.maxContainers ?? 0)}`).join(", ");
  const held =
    enforce === "reserved"
      ? "held for every call by reserved concurrency, which is taken from the account's; Lambda refuses it where fewer than 100 would be left"
      : 'held for spawned calls by event sources, not for remote and map: write enforce: "reserved" for these';
  const parts = shares.length === 0 ? "" : `, handed out, since Lambda counts each function for itself: ${handed}`;
  if (maxContainers === undefined) return [{ option: "enforce", becomes: `each maxContainers is ${held}`, price: null }];
  return [{ option: "maxContainers", becomes: `${showNumber(maxContainers)} containers${parts}; ${held}`, price: null }];
}

function network(manifest: AppManifest, environment: string): readonly PlannedSetting[] {
  const { vpc } = manifest.aws ?? {};
  if (vpc === undefined) return [];
  const actions = functionRoles(manifest, environment).flatMap(({ role }) => {
    const { own, named, permitted } = roleStatements(role);
    return [...own, ...named, ...permitted].flatMap(({ Action }) => Action);
  });
  const services = askedServices(actions);
  return [
    {
      option: "vpc",
      becomes: `Functions run in ${vpc.subnetIds.join(", ")}, which must reach ${services.join(", ")}; from here nobody can see whether they do`,
      price: `where they do not: ${endpointWords(services)}`,
    },
  ];
}

function others({ aws = {} }: AppManifest): readonly PlannedSetting[] {
  const { kmsKey, logRetentionDays, tracing, alarmTopic } = aws;
  return [
    ...(kmsKey === undefined
      ? []
      : [
          {
            option: "kmsKey",
            becomes: `variables, logs and queues are encrypted by ${kmsKey}, whose policy must let logs.<region>.amazonaws.com use it; tables and bucket are the environment's and keep its encryption`,
            price: "$3 for a million requests to the key",
          },
        ]),
    ...(logRetentionDays === undefined
      ? []
      : [{ option: "logRetentionDays", becomes: `logs are kept for ${showNumber(logRetentionDays)} days`, price: null }]),
    ...(tracing === true
      ? [
          {
            option: "tracing",
            becomes: "X-Ray traces the Functions and the dispatcher",
            price: `${formatPrice(PRICES.trace * 1_000_000)} a million traces`,
          },
        ]
      : []),
    ...(alarmTopic === undefined
      ? []
      : [
          {
            option: "alarmTopic",
            becomes: `${alarmTopic} is told when the dispatcher could not work on a message`,
            price: `${formatPrice(PRICES.alarmMonth)} a month`,
          },
        ]),
  ];
}
