import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { startCallDriver, type CallDriver } from "../../adapters/calls/local-driver.ts";
import { appPartition } from "../../adapters/calls/local-partitions.ts";
import type { Backend } from "../../ports/backend.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { createChannel } from "../../channel/channel.ts";
import { serveBackend, type ServedBackend } from "../../channel/server.ts";
import { FrameType } from "../../wire/frame.ts";
import { createLocalBackend } from "./connect.ts";
import { findDeployment } from "../state/deployments.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { WAKE } from "./host-client.ts";
import { hostKey, type HostRow, leaveHost, takeHost } from "./host-row.ts";
import { socketPath } from "./socket-path.ts";
import { openLogWriter } from "../state/log-file.ts";
import { reap } from "../workers/owner-record.ts";
import { isAlive, ownKey } from "../../util/processes.ts";
import { openState } from "../../adapters/lmdb/state.ts";
import { systemLine } from "./system-line.ts";
import { openWorkerRoster } from "../workers/worker-roster.ts";
import { createWorkerStarter } from "../workers/worker-starter.ts";

/** Which App to host. */
export interface HostParams {
  readonly stateDir: string;
  readonly environment: string;
  readonly app: string;
  /** How long it stays with nothing to do. */
  readonly idleMs: number;
}

/** How long a host stays with nothing to do, when nobody says otherwise. */
export const DEFAULT_IDLE_MS = 60_000;

const LOOK_EVERY_MS = 100;

/**
 * Serves a deployed App to the other processes of this machine and drives its durable calls. Resolves when there
 * has been nothing to do for `idleMs`, when the App was stopped or deployed anew and what ran has ended, or at once
 * when another process serves it already.
 */
export async function runHost(params: HostParams): Promise<void> {
  const { stateDir, environment, app, idleMs } = params;
  const state = await openState(stateDir);
  const { rows } = state;
  const deployment = findDeployment(rows, environment, app);
  if (deployment?.state !== "deployed") return state.close();

  const log = openLogWriter(stateDir, environment, app);
  const roster = openWorkerRoster(stateDir);
  const connections = new Map<Socket, ServedBackend>();
  const path = socketPath(stateDir, environment, app);
  let lastActiveMs = Date.now();
  let draining = false;
  let driver: CallDriver | undefined;

  const removeSocket = (): void => rmSync(path, { force: true });
  process.on("exit", removeSocket);

  const workers = createWorkerStarter({ cwd: deployment.sourceRoot, onStarted: roster.add }, null);
  const { manifest, sourceRoot, appFile, version } = deployment;
  const makeEngine = (): Engine =>
    createEngine({
      manifest,
      bundle: { appFile, sourceRoot, version },
      environment,
      stateDir,
      workers,
      onEvent: (event) => {
        const record = event.code === "LOG" ? event.record : systemLine(event, version);
        if (record !== null) log.write(record);
      },
      backend: () => inside,
    });
  let engine: Engine | undefined;
  /** Containers start only for the one host, not for a process that finds another in its place. */
  const engineFunctions: FunctionsPort = {
    invoke: (ref, envelope, invoke) => (engine ??= makeEngine()).functions.invoke(ref, envelope, invoke),
    stream: (ref, envelope, invoke) => (engine ??= makeEngine()).functions.stream(ref, envelope, invoke),
  };
  const wakeOwn = (): boolean => {
    if (draining) return false;
    driver?.wake();
    return true;
  };
  /** The backend as this App's own Functions see it. */
  const inside = createLocalBackend({ state, stateDir, environment, own: { app, functions: engineFunctions, wake: wakeOwn } });
  /** The backend as clients see it: what has come in too late for this version is sent back unstarted. */
  const outside: Backend = { ...inside, functions: refusingWhile(() => draining, engineFunctions) };

  const server = createServer((socket) => {
    const channel = createChannel(socket, {
      onFrame(type, seq, head, parts) {
        lastActiveMs = Date.now();
        if (type === FrameType.event && head === WAKE) {
          if (wakeOwn()) channel.send(FrameType.event, seq, WAKE);
          else channel.end();
        } else served.onFrame(type, seq, head, parts);
      },
      onClose() {
        connections.delete(socket);
        served.onClose();
      },
    });
    const served = serveBackend(channel, outside);
    connections.set(socket, served);
  });
  const isBusy = (): boolean => (engine?.active ?? 0) > 0 || [...connections.values()].some((served) => served.active > 0);

  rmSync(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  const before = rows.get<HostRow>(hostKey(environment, app));
  if (await takeHost(rows, environment, app, deployment.id, path)) {
    // What a host that was killed could not take along.
    reap(stateDir);
    if (before?.socket != null && !isAlive(before.owner)) rmSync(before.socket, { force: true });
    await inside.calls.collect();
    driver = startCallDriver({
      rows,
      environment,
      partition: appPartition(app),
      owner: ownKey(),
      isAlive,
      functions: engineFunctions,
      retries: (ref) => manifest.functions[ref.name]?.retries,
      settled: inside.calls.settled,
      endContainers: (callId) => engine?.endContainersOf(callId),
    });
    engine ??= makeEngine();
    await untilUnneeded(driver);
    await driver.drain();
  }

  server.close();
  for (const socket of connections.keys()) socket.end();
  workers.close();
  await engine?.close();
  await inside.close();
  roster.close();
  process.off("exit", removeSocket);
  removeSocket();
  log.close();
  await state.close();

  /** Comes back when the host has stepped down and nothing of its own runs any more. */
  async function untilUnneeded(driving: CallDriver): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      const current = findDeployment(rows, environment, app);
      if (current?.state !== "deployed") {
        draining = true;
        // The rows' calls were told to end by who stopped the App; the others end with the engine.
        const drained = driving.drain();
        await leaveHost(rows, environment, app, () => false);
        await engine?.close();
        await drained;
        return;
      }
      if (current.id !== deployment?.id) {
        draining = true;
        const drained = driving.drain();
        await leaveHost(rows, environment, app, () => false);
        await drained;
        while (isBusy()) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        return;
      }
      if (isBusy()) lastActiveMs = Date.now();
      if (Date.now() - lastActiveMs < idleMs || driving.hasUnfinished()) continue;
      if (await leaveHost(rows, environment, app, () => isBusy() || driving.hasUnfinished())) {
        draining = true;
        while (isBusy()) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
        return;
      }
    }
  }
}

// --- Internal helpers ---

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
