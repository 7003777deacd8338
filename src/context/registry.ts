import { VersionError } from "../model/errors.ts";
import type { CodeReach, ObjectUse } from "../model/object-use.ts";
import type { Backend } from "../ports/backend.ts";
import type { EventSink } from "../ports/events.ts";
import type { Backends } from "../ports/backends.ts";
import { VERSION } from "../util/version.ts";
import type { DeclaredApp } from "./declared-app.ts";

const KEY = Symbol.for("tenon.registry.1");

/** What one process knows of Tenon; a single one, however often the package is loaded. */
export interface Registry {
  /** The version of Tenon that made it. */
  readonly version: string;
  /** Every App declared in this process, in order. */
  readonly apps: DeclaredApp[];
  /** Whether a user's module is being imported, so that calls are refused. */
  loading: boolean;
  /** `container` where Functions run. */
  role: "local" | "container";
  /** What the handles name that were made while modules were imported. */
  readonly handles: ObjectUse[];
  /** In a container: which named objects its Function may use; `undefined` until its module is loaded. */
  reach: CodeReach | undefined;
  /** In a container: the backend it belongs to. */
  backend: Backend | undefined;
  /** In a container: the name of the App whose Function it runs. */
  containerApp: string | undefined;
  /** In a container: the version of that App's bundle. */
  containerVersion: string | undefined;
  /** In a container: called when the module starts its own App and can't come further; what it declared until then counts. */
  onParked: (() => void) | undefined;
  /** The entry points of the backends, set by the package's own entry point. */
  backends: Backends | undefined;
  /** Apps that run in this process: name → backend. */
  readonly runs: Map<string, Backend>;
  /** The sinks of running Apps, which hear of their calls: name → sink. */
  readonly sinks: Map<string, EventSink>;
}

/** Holder of the registry. */
type Holder = { [KEY]?: Registry };

/** The registry of this process. Throws `VersionError` when another version of Tenon made it. */
export function registry(): Registry {
  const holder = globalThis as Holder;
  const found = holder[KEY];
  if (found === undefined) return (holder[KEY] = newRegistry());
  if (found.version !== VERSION) throw twoVersions(found.version);
  return found;
}

// --- Internal helpers ---

function newRegistry(): Registry {
  return {
    version: VERSION,
    apps: [],
    loading: false,
    role: "local",
    handles: [],
    reach: undefined,
    backend: undefined,
    containerApp: undefined,
    containerVersion: undefined,
    onParked: undefined,
    backends: undefined,
    runs: new Map(),
    sinks: new Map(),
  };
}

function twoVersions(other: string): VersionError {
  return new VersionError(`Two versions of Tenon are loaded in this process: ${other} and ${VERSION}. There can be one.`, {
    hint: "Run `npm ls tenon` to see which packages depend on which version, and make them use the same one.",
  });
}
