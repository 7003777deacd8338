import { ClientClosedError, TenonError } from "../../model/errors.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { Rows } from "../../util/rows.ts";
import { deploymentOf } from "../state/deployments.ts";
import { HostClient } from "./host-client.ts";
import type { HostConnection } from "./host-connection.ts";

/** Where the hosts of one environment are found. */
export interface HostClientsParams {
  readonly rows: Rows;
  readonly stateDir: string;
  readonly environment: string;
}

/** The hosts that one client of the local backend has talked to, each by its App. */
export class HostClients {
  readonly #params: HostClientsParams;
  readonly #clients: Map<string, HostClient> = new Map();
  #closed = false;

  constructor(params: HostClientsParams) {
    this.#params = params;
  }

  /** Throws `ClientClosedError` once this is closed. */
  checkOpen(): void {
    if (this.#closed) throw new ClientClosedError("This client is closed.", { hint: "Make a new one, or close it later." });
  }

  /** The client of one App's host. It connects at its first use. */
  of(app: string): HostClient {
    const known = this.#clients.get(app);
    if (known !== undefined) return known;
    const made = new HostClient({ ...this.#params, app });
    this.#clients.set(app, made);
    return made;
  }

  /** An open connection to the host of a deployed Function, held until it is released. Rejects with `NotFoundError`. */
  async reach(ref: FunctionRef): Promise<readonly [HostConnection, release: () => void]> {
    for (;;) {
      this.checkOpen();
      deploymentOf(this.#params.rows, this.#params.environment, ref);
      const connection = await this.of(ref.app).reach();
      if (!connection.closed) return [connection, connection.hold()];
    }
  }

  /** Whether a request failed because its connection closed before it was sent: it is no loss. */
  isUnsent(error: unknown, connection: HostConnection): boolean {
    return TenonError.is(error) && error.code === "CLIENT_CLOSED" && connection.closed && !this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}
