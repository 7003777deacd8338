import { InvalidError } from "./model/errors.ts";
import { registry } from "./sdk/registry.ts";

// The one place where what users import meets the worlds: each is loaded when it is first used.
registry().worlds ??= {
  connectLocal: async (params) => (await import("./local/index.ts")).connectLocal(params),
  connectAws: () => Promise.reject(new InvalidError("This version of Tenon has no AWS world yet.", { hint: "Use TENON_BACKEND=local." })),
  runLocal: async (params) => (await import("./local/index.ts")).runLocal(params),
};

export { App } from "./sdk/app.ts";
export { AppRun } from "./sdk/app-run.ts";
export { Client } from "./sdk/client.ts";
export { currentAttempt, currentFunctionCallId, currentInputId, currentInputSignal, isLocal } from "./sdk/context.ts";
export { DeployedApp } from "./sdk/deployed-app.ts";
export { FunctionCall } from "./sdk/function-call.ts";
export { FunctionHandle, RemoteFunction, RemoteFunction as Function_ } from "./sdk/function-handle.ts";
export { LocalEntrypoint } from "./sdk/local-entrypoint.ts";
export { MapResult } from "./sdk/map-result.ts";
export { Retries } from "./sdk/retries.ts";
export type { AppRunParams } from "./sdk/app-run.ts";
export type {
  AnyFunction,
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
} from "./sdk/call-types.ts";
export type { ClientParams } from "./sdk/client.ts";
export type { InputContext } from "./sdk/context.ts";
export type { AppLookupParams } from "./sdk/deployed-app.ts";
export type { EntrypointArgument, EntrypointOptions, EntrypointParams, OptionValue, OptionValues } from "./sdk/entrypoint-types.ts";
export type { FunctionCallCancelParams, FunctionCallFromIdParams, FunctionCallGetParams } from "./sdk/function-call.ts";
export type { FunctionFromNameParams } from "./sdk/function-handle.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./sdk/standard-schema.ts";
export type { AppOptions } from "./model/app-options.ts";
export type { FunctionOptions } from "./model/function-options.ts";
export type { FunctionRef, FunctionSpec, RetryPolicy } from "./model/function-spec.ts";
export type { AppManifest, EntrypointOption, EntrypointSpec } from "./model/manifest.ts";
export type { RetriesOptions } from "./model/retry-policy.ts";
export type { EventSink, TenonEvent } from "./ports/events.ts";
export type { LogRecord } from "./wire/log-record.ts";
export {
  AlreadyExistsError,
  BundleError,
  CallDepthError,
  ClientClosedError,
  ConflictError,
  DeserializationError,
  ExecutionError,
  FunctionTimeoutError,
  InputCancelledError,
  InternalFailure,
  InvalidError,
  NotFoundError,
  OutputExpiredError,
  OutputTimeoutError,
  PermissionDeniedError,
  ProcessExitError,
  RemoteError,
  ResourceExhaustedError,
  SerializationError,
  TenonError,
  TimeoutError,
  VersionError,
} from "./model/errors.ts";
export type { TenonErrorOptions } from "./model/errors.ts";
