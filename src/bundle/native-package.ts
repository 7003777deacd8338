import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { ancestors } from "./project.ts";

/** The parts of a package.json that decide how it is bundled. */
export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly gypfile?: boolean;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Packages that find or build a native part for the package that depends on them. */
const NATIVE_HELPERS = new Set([
  "@mapbox/node-pre-gyp",
  "bindings",
  "cmake-js",
  "nan",
  "node-addon-api",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "node-pre-gyp",
  "pkg-prebuilds",
  "prebuild-install",
]);

// @img/sharp-linuxmusl-arm64, @esbuild/win32-x64, lightningcss-darwin-arm64, turbo-linux-64
const PLATFORM_NAME =
  /(?:^|[/-])(?:aix|android|darwin|freebsd|linux|linuxmusl|netbsd|openbsd|openharmony|sunos|win32|windows)-(?:64|arm|arm64|armv7|armv7l|ia32|loong64|mips64el|ppc64|riscv64|s390x|universal|x64|x86)(?:$|-)/;

/** Reads the package.json of a folder. Empty when there is none. */
export function readManifest(folder: string): PackageManifest {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageManifest;
  } catch {
    return {};
  }
}

/**
 * Whether a package has native parts, which can't be put into one file: node-gyp builds it, or it depends on a package
 * that finds a prebuilt part, or it has an optional package for each platform. This is read from package.json, so that
 * the answer is the same on every machine.
 */
export function isNativePackage(folder: string): boolean {
  const manifest = readManifest(folder);
  if (manifest.gypfile === true || manifest.napi !== undefined) return true;
  if (typeof manifest.binary === "object" && manifest.binary !== null && "module_name" in manifest.binary) return true;
  const optional = Object.keys(manifest.optionalDependencies ?? {});
  if ([...Object.keys(manifest.dependencies ?? {}), ...optional].some((name) => NATIVE_HELPERS.has(name))) return true;
  if (optional.some((name) => PLATFORM_NAME.test(name))) return true;
  return existsSync(join(folder, "binding.gyp"));
}

/** Real folder of the package that Node finds for a name from a folder. Undefined when there is none. */
export function findPackageFolder(name: string, from: string): string | undefined {
  const folder = ancestors(from)
    .map((parent) => join(parent, "node_modules", name))
    .find((candidate) => existsSync(join(candidate, "package.json")));
  return folder === undefined ? undefined : realpathSync(folder);
}
