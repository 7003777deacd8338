import type { AppManifest } from "../model/manifest.ts";
import type { AppSettings } from "./app-settings.ts";

/** A folder with everything that runs on Lambda: the App's code, Tenon's runtime, packages. */
export interface AppAsset {
  /** Absolute path. */
  readonly dir: string;
  /** Content hash of the App's bundle. */
  readonly version: string;
}

/** Processor of the Lambda functions. */
export type AppArchitecture = "arm64" | "x86_64";

/** What all resources of an App are made from. */
export interface AppParts {
  readonly environment: string;
  readonly manifest: AppManifest;
  /** `Code` of every Lambda function. */
  readonly code: { readonly s3Bucket: string; readonly s3Key: string };
  readonly version: string;
  readonly architecture: AppArchitecture;
  readonly settings: AppSettings;
}
