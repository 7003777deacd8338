export { ASSET_HANDLERS, makeAsset } from "./asset.ts";
export { type AppBundle, bundleApp } from "./bundle-app.ts";
export type { BundleParams } from "./bundle-job.ts";
export { readBundleRecord } from "./bundle-record.ts";
export { importBundle } from "../util/import-bundle.ts";
export { createStackMapper } from "../util/source-map.ts";
export { markErrorClasses } from "./error-classes.ts";
export { withInlineMap } from "./insertions.ts";
export { findSourceRoot } from "./project.ts";
