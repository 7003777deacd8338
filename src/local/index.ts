/**
 * The local world: Apps that run in this process, and Apps that are deployed on this machine.
 *
 * @module
 */
export { runLocal, type PreparedRun } from "./run.ts";
export { connectLocal } from "./connect.ts";
export { deployLocal, type DeployLocalParams, type LocalDeployment } from "./deploy.ts";
export { type AppOnDisk, readApp, type ReadAppParams } from "./read-app.ts";
