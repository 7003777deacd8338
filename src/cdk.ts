/**
 * The door `tenon/cdk`: Tenon's stacks for CDK apps. Needs `aws-cdk-lib` and `constructs`.
 *
 * @module
 */
export {
  AppConstruct,
  AppStack,
  EnvironmentStack,
  type AppArchitecture,
  type AppAsset,
  type AppConstructProps,
  type AppOnAwsOptions,
  type AppOnAwsSettings,
  type AppSource,
  type AppStackProps,
  type EnvironmentStackProps,
} from "./synth/index.ts";
export type { AppManifest } from "./model/manifest.ts";
