/**
 * From what an App declares to CDK stacks.
 *
 * @module
 */
export { AppConstruct, type AppConstructProps, type AppOnAwsOptions, type AppSource } from "./app-construct.ts";
export type { AppOnAwsSettings } from "./app-settings.ts";
export type { AppArchitecture, AppAsset } from "./app-parts.ts";
export { AppStack, type AppStackProps } from "./app-stack.ts";
export { EnvironmentStack, type EnvironmentStackProps } from "./environment-stack.ts";
export { ENVIRONMENT_VERSION } from "../model/environment-version.ts";
export { planLambda } from "./kinds/functions-plan.ts";
export { synthApp, synthEnvironment, synthName } from "./synth.ts";
