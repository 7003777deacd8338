import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startCallDriver, type CallDriver } from "../../adapters/calls/local-driver.ts";
import { appPartition } from "../../adapters/calls/local-partitions.ts";
import { type LocalState, openState } from "../../adapters/lmdb/state.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { isAlive, ownKey } from "../../util/processes.ts";
import { type Deployment, findDeployment } from "../state/deployments.ts";
import { reap } from "../workers/owner-record.ts";
import { createLocalBackend, type LocalBackend } from "./connect.ts";
import { acquireHost, hostKey, type HostRow, releaseHost } from "./host-row.ts";
import { HostServer } from "./host-server.ts";
import { HostedEngine } from "./hosted-engine.ts";
import { socketPath } from "./socket-path.ts";

/** Which App to host. */
export interface HostParams {
  readonly stateDir: string;
  readonly environment: string;
  readonly app: string;
  /** How long it stays with nothing to do. */
  readonly idleMs: number;
}

/** How long a host stays with nothing to do, when nothing else is said. */
export const DEFAULT_IDLE_MS = 60_000;

const LOOK_EVERY_MS = 100;

/**
 * Serves a deployed App to the other processes of this machine and drives its durable calls. Resolves when there
 * has been nothing to do for `idleMs`, when the App was stopped or deployed anew and what ran has ended, or at once
 * when another process serves it already.
 */
export async function runHost(params: HostParams): Promise<void> {
  const state = await openState(params.stateDir);
  const deployment = findDeployment(state.rows, params.environment, params.app);
  if (deployment?.state === "deployed") await new Host(params, state, deployment).run();
  await state.close();
}

// --- Internal helpers ---

/** One deployment served by this process. */
class Host {
  readonly #params: HostParams;
  readonly #state: LocalState;
  readonly #deployment: Deployment;
  readonly #engine: HostedEngine;
  /** The backend as this App's own Functions see it. */
  readonly #backend: LocalBackend;
  readonly #server: HostServer;
  #driver: CallDriver | undefined;
  #isDraining = false;

  constructor(params: HostParams, state: LocalState, deployment: Deployment) {
    const { stateDir, environment, app } = params;
    this.#params = params;
    this.#state = state;
    this.#deployment = deployment;
    this.#engine = new HostedEngine({ stateDir, environment, deployment, backend: () => this.#backend });
    const { functions } = this.#engine;
    const wake = (): boolean => this.#wake();
    this.#backend = createLocalBackend({ state, stateDir, environment, own: { app, functions, wake } });
    // What comes too late for this version is sent back unstarted.
    const outside = { ...this.#backend, functions: refusingWhile(() => this.#isDraining, functions) };
    this.#server = new HostServer({ path: socketPath(stateDir, environment, app), backend: outside, wake });
  }

  async run(): Promise<void> {
    await this.#server.listen();
    if (await this.#acquire()) {
      this.#driver = await this.#startDriver();
      this.#engine.start();
      await this.#untilUnneeded(this.#driver);
      await this.#driver.drain();
    }
    this.#server.close();
    await this.#engine.close();
    await this.#backend.close();
    this.#server.dispose();
  }

  #wake(): boolean {
    if (this.#isDraining) return false;
    this.#driver?.wake();
    return true;
  }

  /** Makes this process the one host and removes what a killed one has left; `false` when another process serves. */
  async #acquire(): Promise<boolean> {
    const { stateDir, environment, app } = this.#params;
    const { rows } = this.#state;
    const before = rows.get<HostRow>(hostKey(environment, app));
    if (!(await acquireHost(rows, environment, app, this.#deployment.id, this.#server.path))) return false;
    reap(stateDir);
    if (before?.socket != null && !isAlive(before.owner)) rmSync(before.socket, { force: true });
    return true;
  }

  async #startDriver(): Promise<CallDriver> {
    const { environment, app } = this.#params;
    const { calls } = this.#backend;
    await calls.collect();
    return startCallDriver({
      rows: this.#state.rows,
      environment,
      partition: appPartition(app),
      owner: ownKey(),
      isAlive,
      functions: this.#engine.functions,
      retries: (ref) => this.#deployment.manifest.functions[ref.name]?.retries,
      settled: calls.settled,
      endContainers: (callId) => this.#engine.endContainersOf(callId),
    });
  }

  #isBusy(): boolean {
    return this.#engine.active > 0 || this.#server.isBusy;
  }

  /** Resolves when the host has stepped down and nothing of its own runs any more. */
  async #untilUnneeded(driver: CallDriver): Promise<void> {
    const { environment, app, idleMs } = this.#params;
    let busyAtMs = Date.now();
    for (;;) {
      await sleep(LOOK_EVERY_MS);
      const current = findDeployment(this.#state.rows, environment, app);
      if (current?.state !== "deployed") {
        // The calls of the rows were told to end when the App was stopped; the others end with the engine.
        return this.#stepDown(driver, () => this.#engine.end());
      }
      if (current.id !== this.#deployment.id) return this.#stepDown(driver, () => this.#untilIdle());
      if (this.#isBusy()) busyAtMs = Date.now();
      const idleForMs = Date.now() - Math.max(busyAtMs, this.#server.lastActiveMs);
      if (idleForMs < idleMs || driver.hasUnfinished()) continue;
      if (await releaseHost(this.#state.rows, environment, app, () => this.#isBusy() || driver.hasUnfinished())) {
        this.#isDraining = true;
        return this.#untilIdle();
      }
    }
  }

  /** Steps down with work at hand: starts nothing more, and lets what runs come to its end. */
  async #stepDown(driver: CallDriver, end: () => Promise<void>): Promise<void> {
    this.#isDraining = true;
    const drained = driver.drain();
    await releaseHost(this.#state.rows, this.#params.environment, this.#params.app, () => false);
    await end();
    await drained;
  }

  async #untilIdle(): Promise<void> {
    while (this.#isBusy()) await sleep(LOOK_EVERY_MS);
  }
}

/** Functions that start nothing new while the host is on its way out; the caller finds the next one. */
function refusingWhile(isClosing: () => boolean, functions: FunctionsPort): FunctionsPort {
  const refusal = { status: "not-started", reason: "the App's host is being replaced", retryAfterMs: 0 } as const;
  return {
    invoke: (ref, envelope, params) => (isClosing() ? Promise.resolve(refusal) : functions.invoke(ref, envelope, params)),
    async *stream(ref, envelope, params) {
      return isClosing() ? refusal : yield* functions.stream(ref, envelope, params);
    },
  };
}
