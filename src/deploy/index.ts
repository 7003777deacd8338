/**
 * From a cloud assembly to an account: what is deployed there, and how that changes.
 *
 * @module
 */
export { openDeployments } from "./account.ts";
export { deployStack } from "./deploy-stack.ts";
export { destroyStack } from "./destroy-stack.ts";
export { findEnvironment, listEnvironments, refuseInUse, refuseLeftovers } from "./environments.ts";
