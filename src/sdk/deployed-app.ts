import type { AppManifest } from "../model/manifest.ts";
import type { AnyFunction, FunctionOf, HandleOf } from "./calls/call-types.ts";
import type { Client } from "./client.ts";
import { RemoteFunction } from "./remote-function.ts";
import { needBackend } from "./calls/backend.ts";

/** Where `App.lookup` looks. */
export interface AppLookupParams {
  /** @default - what `TENON_BACKEND` names */
  readonly client?: Client | undefined;
  /** @default - the client's */
  readonly environment?: string | undefined;
}

/** An App that a backend has, seen from outside. Made by `App.lookup(name)`. */
export class DeployedApp {
  readonly name: string;
  readonly environment: string;
  /** What was declared. */
  readonly manifest: AppManifest;
  readonly #params: AppLookupParams;

  protected constructor(manifest: AppManifest, environment: string, params: AppLookupParams) {
    this.name = manifest.name;
    this.environment = environment;
    this.manifest = manifest;
    this.#params = params;
  }

  /** @internal */
  static async lookup(name: string, params: AppLookupParams): Promise<DeployedApp> {
    const backend = await needBackend(`App "${name}"`, params);
    return new DeployedApp(await backend.apps.manifest(name), backend.environment, params);
  }

  /** One of its Functions, by name; like `RemoteFunction.fromName`. */
  function<T extends AnyFunction | HandleOf<AnyFunction> = (...args: unknown[]) => Promise<unknown>>(
    name: string,
  ): RemoteFunction<FunctionOf<T>> {
    return RemoteFunction.fromName<T>(this.name, name, this.#params);
  }
}
