/**
 * The programming model: what a user's file imports, listed by hand.
 *
 * @module
 */
export { App } from "./app.ts";
export { AppRun } from "./app-run.ts";
export { Client } from "./client.ts";
export { currentAttempt, currentFunctionCallId, currentInputId, currentInputSignal, isLocal } from "../context/context.ts";
export { Dict, EphemeralDict } from "./dict.ts";
export { DeployedApp } from "./deployed-app.ts";
export { FunctionCall } from "./function-call.ts";
export { FunctionHandle } from "./function-handle.ts";
export { LocalEntrypoint } from "./entrypoint/local-entrypoint.ts";
export { MapResult } from "./calls/map/map-result.ts";
export { RemoteFunction } from "./remote-function.ts";
export { Retries } from "./retries.ts";
export { registerErrorClass } from "../wire/error-registry.ts";
export type { AppRunParams } from "./app-run.ts";
export type {
  AnyFunction,
  ArgumentsOf,
  CallSettings,
  ForEachParams,
  FunctionOf,
  HandleOf,
  Inputs,
  KindOf,
  MapItem,
  MapParams,
  OneArgumentOf,
  RemoteGenOf,
  RemoteOf,
  ResultOf,
  SpawnOf,
  Unusable,
} from "./calls/call-types.ts";
export type { ClientParams } from "./client.ts";
export type { DictPutParams } from "./dict.ts";
export type { DictEntries } from "./dict-entries.ts";
export type { NamedObjectInfo, ObjectFromNameParams, ObjectLookupParams } from "./named-object.ts";
export type { ObjectCreateParams, ObjectDeleteParams, ObjectListParams, ObjectManager } from "./object-manager.ts";
export type { ObjectUse, Usable } from "../model/object-use.ts";
export type { ObjectKind } from "../model/object-kinds.ts";
export type { ObjectReach, Reach } from "../model/reach.ts";
export type { AppLookupParams } from "./deployed-app.ts";
export type { EntrypointArgument, EntrypointOptions, EntrypointParams, OptionValue } from "./entrypoint/entrypoint-types.ts";
export type { FunctionCallCancelParams, FunctionCallFromIdParams, FunctionCallGetParams } from "./function-call.ts";
export type { FunctionFromNameParams } from "./remote-function.ts";
export type { AppOptions } from "../model/app-options.ts";
export type { AwsOptions, AwsSettings, VpcOptions } from "../model/aws-settings.ts";
export type { Brake, BrakeInManifest } from "../model/brake.ts";
export type { FunctionOptions } from "../model/function-options.ts";
export type { FunctionRef, FunctionSpec, RetryPolicy } from "../model/function-spec.ts";
export type { AppManifest, EntrypointOption, EntrypointSpec } from "../model/manifest.ts";
export type { Permission } from "../model/permissions.ts";
export type { RetriesOptions } from "../model/retry-policy.ts";
export type { EventSink, TenonEvent } from "../ports/events.ts";
export type { LogRecord } from "../wire/log-record.ts";
