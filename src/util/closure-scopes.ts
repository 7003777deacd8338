import type { Runtime, Session } from "node:inspector";

/** Some function. */
export type SomeFunction = (...args: never[]) => unknown;

/** Reads what functions of this process have closed over. */
export interface ScopeReader {
  /**
   * The variables that a function sees, nearest scope first, globals left out. What no function closes over is not among
   * them. Empty for a function of the language itself.
   */
  scopesOf(fn: SomeFunction): readonly Readonly<Record<string, unknown>>[];
  close(): void;
}

/**
 * Opens a reader, or gives `undefined` where the process has no inspector or forbids it. It speaks to the inspector of its own
 * thread, in memory: no port is opened, no code stops, debuggers do not notice.
 */
export function openScopeReader(): ScopeReader | undefined {
  try {
    const inspector = process.getBuiltinModule("node:inspector");
    const session = new inspector.Session();
    session.connect();
    return new InspectorScopes(inspector, session);
  } catch {
    return undefined;
  }
}

// --- Internal helpers ---

/** Where this realm puts what the inspector is to look at: a module of Node is the same object in every realm. */
const KEY = Symbol.for("tenon.closure-scopes");
const HOLDER = 'process.getBuiltinModule("node:inspector")[Symbol.for("tenon.closure-scopes")]';

class InspectorScopes implements ScopeReader {
  readonly #shared: { [KEY]?: unknown };
  readonly #session: Session;
  #found: unknown[] = [];
  readonly #holder = { fn: undefined as SomeFunction | undefined, take: (scope: unknown) => void this.#found.push(scope) };
  readonly #holderId: string;

  constructor(inspector: object, session: Session) {
    this.#shared = inspector;
    this.#session = session;
    this.#shared[KEY] = this.#holder;
    this.#holderId = this.#evaluate(HOLDER) ?? "";
  }

  scopesOf(fn: SomeFunction): readonly Readonly<Record<string, unknown>>[] {
    this.#holder.fn = fn;
    this.#found = [];
    const { internalProperties = [] } = this.#properties(this.#evaluate(`${HOLDER}.fn`));
    const inside = (name: string): string | undefined => internalProperties.find((property) => property.name === name)?.value?.objectId;
    for (const { value } of this.#properties(inside("[[Scopes]]")).result)
      if (value?.objectId !== undefined && value.description?.startsWith("Global") !== true) this.#take(value.objectId);
    // The inspector shows a scope as `{ description, object }`.
    return this.#found.map((scope) => (scope as { readonly object: Readonly<Record<string, unknown>> }).object);
  }

  close(): void {
    delete this.#shared[KEY];
    this.#session.disconnect();
  }

  // The callbacks of a session of the own thread run before `post` returns.

  #evaluate(expression: string): string | undefined {
    let objectId: string | undefined;
    this.#session.post("Runtime.evaluate", { expression, silent: true }, (_, answer) => {
      objectId = answer?.result.objectId;
    });
    return objectId;
  }

  #properties(objectId: string | undefined): Runtime.GetPropertiesReturnType {
    let found: Runtime.GetPropertiesReturnType = { result: [] };
    if (objectId === undefined) return found;
    this.#session.post("Runtime.getProperties", { objectId, ownProperties: true }, (error, answer) => {
      if (error === null) found = answer;
    });
    return found;
  }

  /** Hands the object itself over to this realm. */
  #take(objectId: string): void {
    this.#session.post("Runtime.callFunctionOn", {
      objectId,
      functionDeclaration: "function (holder) { holder.take(this); }",
      arguments: [{ objectId: this.#holderId }],
      silent: true,
    });
  }
}
