import type { Backend } from "../../ports/backend.ts";
import type { TenonEvent } from "../../ports/events.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type { Deployment } from "../state/deployments.ts";
import { type LogWriter, openLogWriter } from "../state/log-file.ts";
import { openWorkerRoster, type WorkerRoster } from "../workers/worker-roster.ts";
import { createWorkerStarter, type WorkerStarter } from "../workers/worker-starter.ts";
import { systemLine } from "./system-line.ts";

/** What a host runs. */
export interface HostedEngineParams {
  readonly stateDir: string;
  readonly environment: string;
  readonly deployment: Deployment;
  /** What the App's own Functions reach. */
  readonly backend: () => Backend;
}

/** The engine of a deployed App with its containers and its log. Containers start only once it is started or called. */
export class HostedEngine {
  readonly functions: FunctionsPort;
  readonly #params: HostedEngineParams;
  readonly #log: LogWriter;
  readonly #roster: WorkerRoster;
  readonly #workers: WorkerStarter;
  #engine: Engine | undefined;

  constructor(params: HostedEngineParams) {
    const { stateDir, environment, deployment } = params;
    this.#params = params;
    this.#log = openLogWriter(stateDir, environment, deployment.manifest.name);
    const roster = openWorkerRoster(stateDir);
    this.#roster = roster;
    this.#workers = createWorkerStarter({ cwd: deployment.sourceRoot, onStarted: roster.add }, null);
    this.functions = {
      invoke: (ref, envelope, invoke) => this.start().functions.invoke(ref, envelope, invoke),
      stream: (ref, envelope, invoke) => this.start().functions.stream(ref, envelope, invoke),
    };
  }

  /** Inputs handed in and not settled. */
  get active(): number {
    return this.#engine?.active ?? 0;
  }

  /** Starts what `minContainers` asks for; a second time it does nothing. */
  start(): Engine {
    const { stateDir, deployment, environment, backend } = this.#params;
    this.#engine ??= createEngine({
      manifest: deployment.manifest,
      bundle: deployment,
      environment,
      stateDir,
      workers: this.#workers,
      onEvent: (event) => this.#onEvent(event),
      backend,
    });
    return this.#engine;
  }

  /** Ends the container that runs an input of this call. */
  endContainersOf(callId: string): void {
    this.#engine?.endContainersOf(callId);
  }

  /** Cancels what runs. */
  async end(): Promise<void> {
    await this.#engine?.close();
  }

  async close(): Promise<void> {
    this.#workers.close();
    await this.end();
    this.#roster.close();
    this.#log.close();
  }

  #onEvent(event: TenonEvent): void {
    const record = event.code === "LOG" ? event.record : systemLine(event, this.#params.deployment.version);
    if (record !== null) this.#log.write(record);
  }
}
