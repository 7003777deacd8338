import { ClientClosedError, ExecutionError, InvalidError } from "../model/errors.ts";
import { defaultEnvironment } from "../model/environment-name.ts";
import { checkEnvironmentName } from "../model/names.ts";
import { checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import type { Backend } from "../ports/backend.ts";
import type { ConnectParams } from "../ports/backends.ts";
import { showValue } from "../util/show-value.ts";
import { registry } from "../context/registry.ts";

/** Which backend a {@link Client} talks to. */
export interface ClientParams {
  /** `local`: this machine; `aws`: the user's account. @default - `TENON_BACKEND` */
  readonly backend?: "local" | "aws" | undefined;
  /** @default - `TENON_ENVIRONMENT`, else "dev" */
  readonly environment?: string | undefined;
  /** AWS only: its region. */
  readonly region?: string | undefined;
  /** AWS only: the URL of an emulator. */
  readonly endpoint?: string | undefined;
  /** Local only: the folder of its state. @default - `TENON_STATE_DIR`, else `.tenon` beside the nearest package.json */
  readonly stateDir?: string | undefined;
}

const KNOWN = ["backend", "environment", "region", "endpoint", "stateDir"];

/**
 * A connection to one backend. It says for some handles what `TENON_BACKEND` says for the whole process.
 *
 * It connects at its first use. Throws `InvalidError` when neither `backend` nor `TENON_BACKEND` says which backend.
 *
 * @example
 * import { Client, RemoteFunction } from "tenon";
 *
 * await using client = new Client({ backend: "local", environment: "staging" });
 * const count = RemoteFunction.fromName<(text: string) => Promise<number>>("wordcount", "count", { client });
 * console.log(await count.remote("to be or not to be"));
 */
export class Client {
  readonly backend: "local" | "aws";
  readonly environment: string;
  readonly #params: ConnectParams;
  #connected: Backend | undefined;
  #connecting: Promise<Backend> | undefined;
  #closed = false;

  constructor(params: ClientParams = {}) {
    checkOptionNames("Client", checkOptionsObject("Client", params), { known: KNOWN });
    this.backend = checkBackend(params.backend ?? process.env["TENON_BACKEND"]);
    this.environment = params.environment === undefined ? defaultEnvironment(process.env) : checkEnvironmentName(params.environment);
    this.#params = { environment: this.environment, region: params.region, endpoint: params.endpoint, stateDir: params.stateDir };
  }

  /** @internal Whether it names a place of its own, beside the backend and the environment: a region, an endpoint, a folder. */
  get namesPlace(): boolean {
    const { region, endpoint, stateDir } = this.#params;
    return (region ?? endpoint ?? stateDir) !== undefined;
  }

  /** @internal The backend, at once when it is connected already. */
  connected(): Backend | Promise<Backend> {
    if (this.#closed) throw new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." });
    return this.#connected ?? (this.#connecting ??= this.#connect());
  }

  /** Closes its sockets and files; calls that still wait reject with `ClientClosedError`. May be called again. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const backend = this.#connected ?? (await this.#connecting?.catch(() => undefined));
    await backend?.close();
  }

  /** Same as {@link Client.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #connect(): Promise<Backend> {
    const backends = registry().backends;
    if (backends === undefined)
      throw new ExecutionError("No backend is loaded: Tenon was imported by another path than its entry point.", {
        hint: 'Import from "tenon".',
      });
    try {
      this.#connected = await (this.backend === "aws" ? backends.connectAws(this.#params) : backends.connectLocal(this.#params));
      return this.#connected;
    } catch (error) {
      // The next call tries again.
      this.#connecting = undefined;
      throw error;
    }
  }
}

// --- Internal helpers ---

function checkBackend(value: unknown): "local" | "aws" {
  if (value === "local" || value === "aws") return value;
  if (value === undefined || value === "") {
    throw new InvalidError("Nothing says which backend to use: this machine or AWS.", {
      hint: 'Set TENON_BACKEND=local or TENON_BACKEND=aws, or pass { client: new Client({ backend: "local" }) }.',
    });
  }
  throw new InvalidError(`The backend is ${showValue(value)}. It must be "local" or "aws".`);
}
