import { setTimeout as sleep } from "node:timers/promises";
import { InternalFailure } from "../../model/errors.ts";
import type { Rows } from "../../util/rows.ts";
import { activeDeployment } from "../state/deployments.ts";
import { hostLogFile } from "../state/log-file.ts";
import { type HostConnection, openHostConnection } from "./host-connection.ts";
import { type HostProcess, startHostProcess } from "./host-process.ts";
import { acquireStart, liveHost, releaseStart } from "./host-row.ts";

/** Where an App's host is looked for. */
export interface HostClientParams {
  readonly rows: Rows;
  readonly stateDir: string;
  readonly environment: string;
  readonly app: string;
}

const START_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** The way from this process to an App's host, which it starts when there is none. It connects at the first use. */
export class HostClient {
  readonly #params: HostClientParams;
  #current: HostConnection | undefined;
  #connecting: Promise<HostConnection> | undefined;

  constructor(params: HostClientParams) {
    this.#params = params;
  }

  /**
   * A connection to a host of the App's current deployment. Rejects with `NotFoundError` when the App is not deployed,
   * `InternalFailure` when no host can be started.
   */
  async reach(): Promise<HostConnection> {
    const { rows, environment, app } = this.#params;
    const { id } = activeDeployment(rows, environment, app);
    // A host of an earlier deployment ends what it has; new inputs go to the new one.
    if (this.#current !== undefined && !this.#current.closed && this.#current.deployment === id) return this.#current;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Resolves when a living host has looked at the App's rows. */
  async wake(): Promise<void> {
    for (;;) if (await (await this.reach()).wake()) return;
  }

  close(): void {
    this.#current?.retire();
    this.#current = undefined;
  }

  async #connect(): Promise<HostConnection> {
    const endsAt = Date.now() + START_TIMEOUT_MS;
    const started: { host?: HostProcess } = {};
    for (;;) {
      const found = await this.#look(started);
      if (found !== undefined) {
        this.#current?.retire();
        this.#current = found;
        return found;
      }
      if (Date.now() > endsAt) throw this.#failure(`It was not reached within ${START_TIMEOUT_MS} ms.`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Connects to the living host, or starts one, once, when it is this process's to start. */
  async #look(started: { host?: HostProcess }): Promise<HostConnection | undefined> {
    const { rows, stateDir, environment, app } = this.#params;
    const { id } = activeDeployment(rows, environment, app);
    const row = liveHost(rows, environment, app, id);
    if (row?.socket != null) return openHostConnection({ path: row.socket, deployment: id, environment }).catch(() => undefined);
    const failure = started.host?.failure();
    if (failure != null) {
      await releaseStart(rows, environment, app);
      throw this.#failure(`It could not be started: ${failure}`);
    }
    if (row === undefined && (await acquireStart(rows, environment, app, id))) started.host = startHostProcess(stateDir, environment, app);
    return undefined;
  }

  #failure(what: string): InternalFailure {
    const { stateDir, environment, app } = this.#params;
    return new InternalFailure(`The host of App "${app}" can't be used. ${what}`, {
      hint: `Read its output in ${hostLogFile(stateDir, environment, app)}.`,
    });
  }
}
