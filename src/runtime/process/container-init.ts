import type { AppManifest } from "../../model/manifest.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";

/** What an engine tells a new container: all that it needs to load one Function of one App. */
export interface ContainerInit {
  /** Its name; empty for the one App that the entry file declares. */
  readonly app: string;
  /** Content hash of the bundle. */
  readonly version: string;
  readonly container: string;
  readonly environment: string;
  /** The folder of the local backend's state, whose named objects the container opens itself; absent when it asks its host for them. */
  readonly stateDir?: string | undefined;
  /** Variables of the container, set before the module is imported. */
  readonly env: Readonly<Record<string, string>>;
  readonly bundle: { readonly appFile: string; readonly sourceRoot: string };
  /** `null` for a container that says what the module declares, then ends. */
  readonly fn: FunctionSpec | null;
}

/** What a container that was asked for the manifest answers. */
export interface ManifestReply {
  readonly manifest: AppManifest;
}
