import { appsOperations, type AppsPort } from "./apps.ts";
import { callsOperations, type CallsPort } from "./calls.ts";
import { dictOperations, type DictPort } from "./dict.ts";
import { functionsOperations, type FunctionsPort } from "./functions.ts";
import type { OperationsOf } from "./operation.ts";

/** What is routed by App: whose it is decides who answers. */
export interface AppPorts {
  readonly functions: FunctionsPort;
  readonly calls: CallsPort;
  readonly apps: AppsPort;
}

/** Data that no App owns: a port for each kind of {@link OBJECT_KINDS}. */
export interface ObjectPorts {
  readonly dict: DictPort;
}

/** One backend, seen by a caller: every port of it. */
export interface Backend extends AppPorts {
  readonly kind: "local" | "aws";
  readonly environment: string;
  /** Passed through whole wherever Apps are routed. */
  readonly objects: ObjectPorts;
  /** Gives back sockets and files. Further use rejects with `ClientClosedError`. */
  close(): Promise<void>;
}

/** The version of the operations below, all together; both ends of a channel must speak the same. */
export const OPERATIONS_VERSION = 1;

/** The operations of the ports that are routed by App. */
export const APP_PORTS = {
  functions: functionsOperations,
  calls: callsOperations,
  apps: appsOperations,
} as const satisfies { readonly [P in keyof AppPorts]: OperationsOf<AppPorts[P]> };

/** The operations of the ports of named objects. */
export const OBJECT_PORTS = {
  dict: dictOperations,
} as const satisfies { readonly [P in keyof ObjectPorts]: OperationsOf<ObjectPorts[P]> };
