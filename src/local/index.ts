/**
 * The local backend: Apps that run in this process, and Apps that are deployed on this machine.
 *
 * @module
 */
export { runLocal, type PreparedRun } from "./run/run.ts";
export { connectLocal } from "./host/connect.ts";
export { deployLocal, type DeployLocalParams, type LocalDeployment } from "./deploy/deploy.ts";
export { destroyLocal, type DestroyLocalParams } from "./host/destroy-app.ts";
export { type AppOnDisk, readApp, type ReadAppParams } from "./deploy/read-app.ts";
