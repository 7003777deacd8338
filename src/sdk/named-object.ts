import { registry } from "../context/registry.ts";
import { InvalidError, PermissionDeniedError } from "../model/errors.ts";
import { checkEnvironmentName, checkName } from "../model/names.ts";
import type { ObjectKindName } from "../model/object-kinds.ts";
import { checkBoolean, checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import { type ObjectUse, USE, type Usable } from "../model/object-use.ts";
import { checkObjectPattern } from "../model/reach.ts";
import type { Backend, ObjectPorts } from "../ports/backend.ts";
import { HEARTBEAT_EVERY_MS, type ObjectRef } from "../ports/named-objects.ts";
import { showValue } from "../util/show-value.ts";
import { checkClientEnvironment, findBackend, noBackend, refuseWhileLoading } from "./calls/backend.ts";
import type { Client } from "./client.ts";

/** Where named objects are looked for. */
export interface ObjectLookupParams {
  /** @default - the environment of the backend that is found */
  readonly environment?: string | undefined;
  /** @default - the container's own backend, the App that runs in this process, or the one that `TENON_BACKEND` names */
  readonly client?: Client | undefined;
}

/** How a named object is found. */
export interface ObjectFromNameParams extends ObjectLookupParams {
  /** Whether its first use makes it when nobody has made it yet. @default false */
  readonly createIfMissing?: boolean | undefined;
}

/** What is known of a named object. */
export interface NamedObjectInfo {
  /** `null` for an ephemeral one. */
  readonly name: string | null;
  /** The id of this very object; one that is made again under its name has another. */
  readonly id: string;
  readonly createdAt: Date;
  /** Who made it, as far as the backend knows: a user of this machine, or the caller's ARN. */
  readonly createdBy: string | null;
}

/** A kind of named object, as the handles of it need to know it. */
export interface ObjectKindOf<P extends keyof ObjectPorts> {
  readonly kind: P;
  readonly word: ObjectKindName;
}

/** An object that a handle has found, and the port to it. */
export interface FoundObject<P extends keyof ObjectPorts> {
  readonly port: ObjectPorts[P];
  readonly ref: ObjectRef;
}

/** A handle as it travels inside values: by its name, or, when it has none, by its id. */
export interface HandleData {
  readonly name: string;
  readonly id?: string;
  readonly createIfMissing?: true;
  readonly environment?: string;
}

/** What a handle stands for, and the way to it. Nobody is asked before the first use. */
export class ObjectTarget<P extends keyof ObjectPorts> {
  /** In words, such as `Dict(seen)`. */
  readonly what: string;
  /** `null` for an ephemeral object. */
  readonly name: string | null;
  readonly #kind: ObjectKindOf<P>;
  readonly #params: ObjectFromNameParams;
  /** Known from the beginning of an ephemeral object, and of one that a list gave. */
  readonly #ref: ObjectRef | undefined;
  readonly #backend: Backend | undefined;
  #finding: { readonly backend: Backend; readonly found: Promise<FoundObject<P>> } | undefined;
  #last: { readonly backend: Backend; readonly found: FoundObject<P> } | undefined;

  constructor(kind: ObjectKindOf<P>, address: string | ObjectRef, params: ObjectFromNameParams = {}, backend?: Backend) {
    const name = typeof address === "string" ? address : address.name;
    this.#kind = kind;
    this.#ref = typeof address === "string" ? undefined : address;
    this.#params = params;
    this.#backend = backend;
    this.name = name.startsWith("~") ? null : name;
    this.what = `${kind.word}(${this.name ?? this.#ref?.id ?? ""})`;
  }

  /** What `uses` takes it for. */
  get use(): ObjectUse {
    return { kind: this.#kind.kind, object: { name: this.#ref?.name ?? this.name ?? "" } };
  }

  get data(): HandleData {
    const { createIfMissing, environment } = this.#params;
    if (this.name === null) return this.#ref as ObjectRef;
    return {
      name: this.name,
      ...(createIfMissing === true ? { createIfMissing } : {}),
      ...(environment === undefined ? {} : { environment }),
    };
  }

  /**
   * The object, found by the first use and kept. Throws or rejects with `ExecutionError` while a module loads,
   * `InvalidError` without a backend, `NotFoundError` without the object.
   */
  find(): FoundObject<P> | Promise<FoundObject<P>> {
    const backend = this.#backend ?? objectBackend(this.what, this.#params);
    return backend instanceof Promise ? backend.then((connected) => this.#findIn(connected)) : this.#findIn(backend);
  }

  #findIn(backend: Backend): FoundObject<P> | Promise<FoundObject<P>> {
    if (this.#last?.backend === backend) return this.#last.found;
    const port = backend.objects[this.#kind.kind];
    const keep = (ref: ObjectRef): FoundObject<P> => {
      const found = { port, ref };
      this.#last = { backend, found };
      return found;
    };
    if (this.#ref !== undefined) return keep(this.#ref);
    // Several first uses at once are of one object.
    if (this.#finding?.backend === backend) return this.#finding.found;
    const found = port
      .open(this.name ?? "", { createIfMissing: this.#params.createIfMissing })
      .then(({ name, id }) => keep({ name, id }))
      .finally(() => (this.#finding = undefined));
    this.#finding = { backend, found };
    return found;
  }
}

/** The backend of a named object: an explicit client's, the container's own, that of an App that runs here, or `TENON_BACKEND`'s. */
export function objectBackend(what: string, params: ObjectLookupParams): Backend | Promise<Backend> {
  const known = refuseWhileLoading(what);
  checkClientEnvironment(params);
  const own = known.role === "container" ? known.backend : undefined;
  if (own !== undefined && isInBackend(own, params)) {
    const environment = params.environment ?? params.client?.environment ?? own.environment;
    if (environment === own.environment) return own;
    throw otherEnvironment(what, environment, own.environment);
  }
  if (params.client === undefined && known.backend === undefined) {
    for (const run of known.runs.values()) if (params.environment === undefined || params.environment === run.environment) return run;
  }
  const backend = findBackend(known, params);
  if (backend === undefined) throw noBackend(what);
  return backend;
}

function checkClient(what: string, client: unknown): void {
  if (client === undefined || (typeof client === "object" && client !== null && "connected" in client)) return;
  throw new InvalidError(`${what}: client is ${showValue(client)}. It must be a Client.`, {
    hint: 'Write { client: new Client({ backend: "local" }) }.',
  });
}

/** Whether a container's own backend is meant: what its Function reaches there is declared, whichever way leads to it. */
function isInBackend(own: Backend, { client }: ObjectLookupParams): boolean {
  return client === undefined || (client.backend === own.kind && !client.namesPlace);
}

function otherEnvironment(what: string, environment: string, own: string): PermissionDeniedError {
  return new PermissionDeniedError(
    `${what} is of environment ${showValue(environment)}, and this Function runs in ${showValue(own)}. A Function may use the objects of its own environment only.`,
    { hint: "Leave the environment out, or read that object in a script and pass on what it holds." },
  );
}

/** The parameters of `fromName`, checked. Throws `InvalidError`. */
export function checkFromName(
  word: ObjectKindName,
  name: unknown,
  params: unknown,
): { readonly name: string; readonly params: ObjectFromNameParams } {
  const what = `${word}.fromName`;
  const given = checkLookup(what, params, ["createIfMissing"]);
  if (given["createIfMissing"] !== undefined) checkBoolean(what, "createIfMissing", given["createIfMissing"]);
  return { name: checkName(word, name), params: given as ObjectFromNameParams };
}

/** Parameters that say where to look, and `more`; checked. Throws `InvalidError`. */
export function checkLookup(what: string, params: unknown, more: readonly string[] = []): Readonly<Record<string, unknown>> {
  const given = checkOptionsObject(what, params);
  checkOptionNames(what, given, { known: [...more, "environment", "client"], renamed: { environmentName: "environment" } });
  if (given["environment"] !== undefined) checkEnvironmentName(given["environment"]);
  checkClient(what, given["client"]);
  return given;
}

/** Notes a handle that is made while a module loads: the App that the module declares may use what it names. */
export function noteHandle(use: ObjectUse): void {
  const known = registry();
  if (known.loading) known.handles.push(use);
}

/** A name, or a pattern of names, for `uses`. Throws `InvalidError`. */
export function namePattern<P extends keyof ObjectPorts>({ kind, word }: ObjectKindOf<P>, pattern: unknown): Usable {
  const isPattern = typeof pattern === "string" && pattern.includes("*");
  const object = isPattern ? { pattern: checkObjectPattern(pattern) } : { name: checkName(word, pattern) };
  return Object.freeze({ [USE]: { kind, object } });
}

/** Says that an ephemeral object is in use until the returned function is called. Does not keep the process alive. */
export function keepAlive(beat: () => Promise<void>): () => void {
  // One that is lost is followed by another, long before the object is taken for dead.
  const timer = setInterval(() => void beat().catch(() => {}), HEARTBEAT_EVERY_MS).unref();
  return () => clearInterval(timer);
}
