import { isDeepStrictEqual } from "node:util";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { resolveAppOptions } from "../model/app-options.ts";
import { withBrake } from "../model/brake.ts";
import type { AppOptions, ResolvedAppOptions } from "../model/app-options.ts";
import { InvalidError } from "../model/errors.ts";
import { resolveFunctionOptions } from "../model/function-options.ts";
import type { FunctionOptions } from "../model/function-options.ts";
import type { AppManifest } from "../model/manifest.ts";
import { checkEnvironmentName, checkName } from "../model/names.ts";
import { checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import { joinUses, listUses, type ObjectUse, resolveUses, type Usable } from "../model/object-use.ts";
import { canonicalPermissions } from "../model/permissions.ts";
import { showValue } from "../util/show-value.ts";
import { AppRun } from "./app-run.ts";
import type { AppRunParams } from "./app-run.ts";
import { callerFile } from "./call-site.ts";
import type { AnyFunction } from "./calls/call-types.ts";
import { DeployedApp } from "./deployed-app.ts";
import type { AppLookupParams } from "./deployed-app.ts";
import type { EntrypointArgument, EntrypointOptions, EntrypointParams, NoOptions } from "./entrypoint/entrypoint-types.ts";
import { FunctionHandle } from "./function-handle.ts";
import { LocalEntrypoint } from "./entrypoint/local-entrypoint.ts";
import { registry } from "../context/registry.ts";

const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * A set of Functions that are run and deployed together: what one file, and the Apps it includes, declare.
 *
 * Throws `InvalidError` for a wrong name or option.
 *
 * @example
 * import { App } from "tenon";
 *
 * export const app = new App("wordcount");
 *
 * export const count = app.function("count", { memoryMiB: 512, retries: 3 }, async (text: string) => text.split(/\s+/).length);
 *
 * app.localEntrypoint({ options: { text: { type: "string", default: "to be or not to be" } } }, async ({ text }) => {
 *   console.log(await count.remote(text));
 * });
 */
export class App {
  readonly name: string;
  /** Every Function it holds, by name. */
  readonly functions: ReadonlyMap<string, FunctionHandle>;
  /** Every local entrypoint it holds, by name. */
  readonly entrypoints: ReadonlyMap<string, LocalEntrypoint>;
  /** How deep calls may nest before `CallDepthError`. */
  readonly maxCallDepth: number;
  /** Absolute path of the file that declares it; `null` when neither the call site nor the option `entry` says. */
  readonly entryFile: string | null;
  readonly #options: ResolvedAppOptions;
  readonly #functions = new Map<string, FunctionHandle>();
  readonly #entrypoints = new Map<string, LocalEntrypoint>();
  readonly #parts = new Set<App>([this]);
  readonly #uses: ObjectUse[] = [];

  constructor(name: string, options: AppOptions = {}) {
    const known = registry();
    this.#options = resolveAppOptions(name, options);
    this.name = name;
    this.functions = this.#functions;
    this.entrypoints = this.#entrypoints;
    this.maxCallDepth = this.#options.maxCallDepth;
    this.entryFile = this.#options.entryFile ?? callerFile(new.target as unknown as (...args: never[]) => unknown);
    known.apps.push(this);
  }

  /** A deployed App by name. Asks at once: rejects with `NotFoundError` when there is none. */
  static async lookup(name: string, params: AppLookupParams = {}): Promise<DeployedApp> {
    const names = { known: ["client", "environment"], renamed: { environmentName: "environment" } };
    checkOptionNames("lookup", checkOptionsObject("lookup", params), names);
    if (params.environment !== undefined) checkEnvironmentName(params.environment);
    return DeployedApp.lookup(checkName("App", name), params);
  }

  /**
   * Declares a Function. Its code travels with the App and runs in containers; its calls have the types of `fn`.
   *
   * A generator (`async function*`) is called by `remoteGen`. Throws `InvalidError` for a wrong name, an unknown or
   * renamed option, and a name that another Function of the App has.
   */
  function<F extends AnyFunction>(name: string, fn: F): FunctionHandle<F>;
  function<F extends AnyFunction>(name: string, options: FunctionOptions | undefined, fn: F): FunctionHandle<F>;
  function<F extends AnyFunction>(name: string, options: FunctionOptions | F | undefined, fn?: F): FunctionHandle<F> {
    const body = fn === undefined ? (options as F) : fn;
    if (typeof body !== "function") {
      throw new InvalidError(
        `Function ${showValue(name)} of App "${this.name}": the function is ${showValue(fn === undefined && typeof options === "object" ? undefined : body)}. It must be a function.`,
        {
          hint: 'Write app.function("name", { … }, async () => …); the options may be left out.',
        },
      );
    }
    const spec = resolveFunctionOptions(name, kindOf(body), fn === undefined ? undefined : (options as FunctionOptions));
    const same = this.#functions.get(name);
    if (same !== undefined) {
      if ((same.local as unknown) === body && isDeepStrictEqual(same.spec, spec)) return same as unknown as FunctionHandle<F>;
      throw new InvalidError(`App "${this.name}" has a Function "${name}" already.`, { hint: "Give one of them another name." });
    }
    const handle = FunctionHandle.declare(this, spec, body);
    this.#functions.set(name, handle as unknown as FunctionHandle);
    return handle;
  }

  /**
   * Declares what `tenon run` starts, in the command's own process, while the App runs. Its flags, or a Standard
   * Schema, type its argument. Throws `InvalidError` for a wrong flag and for a name that is taken.
   */
  localEntrypoint(fn: (argument: EntrypointArgument<NoOptions, []>) => unknown): LocalEntrypoint<EntrypointArgument<NoOptions, []>>;
  localEntrypoint<const O extends EntrypointOptions | StandardSchemaV1 = NoOptions, const P extends readonly string[] = []>(
    params: EntrypointParams<O, P> | undefined,
    fn: (argument: EntrypointArgument<O, P>) => unknown,
  ): LocalEntrypoint<EntrypointArgument<O, P>>;
  localEntrypoint(params: EntrypointParams | EntrypointBody | undefined, fn?: EntrypointBody): LocalEntrypoint<never> {
    const entrypoint =
      typeof params === "function" && fn === undefined
        ? LocalEntrypoint.declare(undefined, params)
        : LocalEntrypoint.declare(params as EntrypointParams | undefined, fn);
    this.#addEntrypoint(entrypoint as unknown as LocalEntrypoint);
    return entrypoint;
  }

  /**
   * Takes in everything that another App declares; its Functions are then called where this App runs. Twice the same
   * App is fine. Throws `InvalidError` when both have a different Function or entrypoint of one name.
   */
  include(other: App): this {
    if (!(other instanceof App)) throw new InvalidError(`App "${this.name}" includes ${showValue(other)}. It must be an App.`);
    if (other === this) return this;
    for (const [name, handle] of other.#functions) {
      const same = this.#functions.get(name);
      if (same !== undefined && same !== handle) {
        throw new InvalidError(`App "${this.name}" includes App "${other.name}", and both have a Function "${name}".`, {
          hint: "Give one of them another name.",
        });
      }
    }
    for (const entrypoint of other.#entrypoints.values()) this.#addEntrypoint(entrypoint);
    for (const part of other.#parts) this.#parts.add(part);
    for (const [name, handle] of other.#functions) {
      this.#functions.set(name, handle);
      handle.includedBy(this);
    }
    return this;
  }

  /**
   * Lets the App's code use named objects, beside those whose handles are made at module level: handles, or patterns of
   * names for handles that are made inside Functions. On AWS its Functions' roles allow these and no others.
   *
   * @example
   * import { App, Dict } from "tenon";
   *
   * const app = new App("sessions").uses(Dict.named("user-*"));
   *
   * export const visits = app.function("visits", async (user: string) => Dict.fromName<string, number>(`user-${user}`).get("visits", 0));
   */
  uses(...things: readonly Usable[]): this {
    this.#uses.push(...resolveUses(`App "${this.name}"`, things));
    return this;
  }

  /** @internal Itself and every App that it includes. */
  get parts(): ReadonlySet<App> {
    return this.#parts;
  }

  /** @internal What it says that it uses, by `uses` of its own and of its Functions. */
  get declaredUses(): readonly ObjectUse[] {
    return [...this.#parts].flatMap((part) => [...part.#uses, ...[...part.#functions.values()].flatMap(({ spec }) => listUses(spec.uses))]);
  }

  /**
   * Runs the App from here: its Functions can be called until the run is closed or disposed. In a container, where the
   * same module loads again, it waits for ever, so that what follows runs once.
   *
   * Rejects with `ConflictError` when it is running already, `BundleError` when its code can't be bundled.
   *
   * @example
   * import { app, count } from "./wordcount.ts";
   *
   * await using run = await app.run();
   * console.log(run.app, await count.remote("to be or not to be"));
   */
  run(params: AppRunParams = {}): Promise<AppRun> {
    const known = registry();
    if (known.role === "container" && known.loading) {
      known.onParked?.();
      return new Promise(() => undefined);
    }
    return this.#run(params);
  }

  /** What it declares, as pure data. */
  toManifest(): AppManifest {
    const { tags, files, external, maxCallDepth, brake, metrics, aws } = this.#options;
    const known = registry();
    // What a module makes is for its one App; of several each says what it uses.
    const handles = known.apps.every((app) => this.#parts.has(app as App)) ? known.handles : [];
    const objects = joinUses([...handles, ...this.declaredUses]);
    const permissions = canonicalPermissions([...this.#parts].flatMap((part) => part.#options.permissions));
    const manifest: AppManifest = {
      name: this.name,
      tags,
      files,
      external,
      maxCallDepth,
      ...(Object.keys(objects).length === 0 ? {} : { objects }),
      ...(permissions.length === 0 ? {} : { permissions }),
      ...(metrics ? { metrics } : {}),
      ...(Object.keys(aws).length === 0 ? {} : { aws }),
      functions: Object.fromEntries([...this.#functions].map(([name, handle]) => [name, handle.spec])),
      entrypoints: Object.fromEntries([...this.#entrypoints].map(([name, entrypoint]) => [name, entrypoint.spec])),
    };
    return withBrake(manifest, brake);
  }

  /** `App(name)`. */
  toString(): string {
    return `App(${this.name})`;
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  async #run(params: AppRunParams): Promise<AppRun> {
    if (this.entryFile === null)
      throw new InvalidError(`App "${this.name}" does not know the file that declares it.`, {
        hint: "Write new App(name, { entry: import.meta.url }).",
      });
    return await AppRun.start(this.toManifest(), this.entryFile, params);
  }

  #addEntrypoint(entrypoint: LocalEntrypoint): void {
    const same = this.#entrypoints.get(entrypoint.name);
    if (same !== undefined && same !== entrypoint) {
      throw new InvalidError(`App "${this.name}" has a local entrypoint "${entrypoint.name}" already.`, {
        hint: 'Give one of them another name: localEntrypoint({ name: "other" }, …).',
      });
    }
    this.#entrypoints.set(entrypoint.name, entrypoint);
  }
}

// --- Internal helpers ---

type EntrypointBody = (argument: never) => unknown;

function kindOf(fn: unknown): "function" | "generator" {
  const tag = Object.prototype.toString.call(fn);
  return tag === "[object AsyncGeneratorFunction]" || tag === "[object GeneratorFunction]" ? "generator" : "function";
}
