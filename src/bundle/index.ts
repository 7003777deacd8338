export { type AppBundle, bundleApp } from "./bundle-app.ts";
export type { BundleParams } from "./bundle-job.ts";
export { type BundleRecord, type ExternalPackage, type FileStamp, readBundleRecord } from "./bundle-record.ts";
export { pruneBundles, type PruneParams } from "./prune-bundles.ts";
export { importBundle, type ImportableBundle } from "../util/import-bundle.ts";
export { createStackMapper } from "../util/source-map.ts";
export { findSourceRoot } from "./project.ts";
