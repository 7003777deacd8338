/**
 * Reads and changes what is deployed in an account.
 *
 * @module
 */
export { renameApp } from "../adapters/renamed-app.ts";
export { findIdentity, followRunLogs, openDeployments, openEnvironmentData } from "./account.ts";
export { deployStack } from "./deploy-stack.ts";
export { destroyStack } from "./destroy-stack.ts";
export { findLowConcurrency } from "./low-concurrency.ts";
export { isAppStopped, loadAppOperator, startApp } from "./start-app.ts";
export { type LogFollower } from "./follow-logs.ts";
export { findLeftRuns, runManifest } from "./runs.ts";
export { findEnvironment, listEnvironments, refuseInUse } from "./environments.ts";
