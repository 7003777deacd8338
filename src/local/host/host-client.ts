import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { connect as connectSocket, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InternalFailure } from "../../model/errors.ts";
import type { Backend } from "../../ports/backend.ts";
import { channelBackend, type ChannelBackend } from "../../channel/client.ts";
import { createChannel } from "../../channel/channel.ts";
import { tenonDir } from "../../util/package-dir.ts";
import type { Rows } from "../../util/rows.ts";
import { FrameType } from "../../wire/frame.ts";
import { activeDeployment } from "../state/deployments.ts";
import { hostLogFile } from "../state/log-file.ts";
import { giveUpStart, liveHost, takeStart } from "./host-row.ts";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { baseEnvironment } from "../workers/worker-environment.ts";

/** Where an App's host is looked for. */
export interface HostClientParams {
  readonly rows: Rows;
  readonly stateDir: string;
  readonly environment: string;
  readonly app: string;
}

/** The way from this process to an App's host, which it starts when there is none. */
export interface HostClient {
  /**
   * A backend at a host of the App's current deployment. Rejects with `NotFoundError` when the App is not deployed,
   * `InternalFailure` when no host can be started.
   */
  reach(): Promise<HostConnection>;
  /** Resolves when a living host has looked at the App's rows. */
  wake(): Promise<void>;
  close(): void;
}

/** One socket to one host. */
export interface HostConnection {
  readonly backend: Backend;
  readonly deployment: string;
  readonly closed: boolean;
  /** Keeps this process alive while something is waited for; gives back the end of it. */
  hold(): () => void;
}

const START_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 10;
/** What a client says first; a host that takes calls says it back once it looks at its rows. */
export const WAKE = "wake";

/** Makes a client; it connects at the first use. */
export function createHostClient(params: HostClientParams): HostClient {
  const { rows, stateDir, environment, app } = params;
  let current: OpenConnection | undefined;
  let connecting: Promise<OpenConnection> | undefined;

  const reach = (): Promise<OpenConnection> => {
    let id: string;
    try {
      id = activeDeployment(rows, environment, app).id;
    } catch (error) {
      return Promise.reject(error);
    }
    // A host of an earlier deployment ends what it has; new inputs go to the new one.
    if (current !== undefined && !current.closed && current.deployment === id) return Promise.resolve(current);
    return (connecting ??= find().finally(() => {
      connecting = undefined;
    }));
  };

  const find = async (): Promise<OpenConnection> => {
    const endsAt = Date.now() + START_TIMEOUT_MS;
    let host: StartedHost | undefined;
    for (;;) {
      const { id } = activeDeployment(rows, environment, app);
      const row = liveHost(rows, environment, app, id);
      if (row?.socket != null) {
        const made = await openConnection(row.socket, id, environment).catch(() => undefined);
        if (made !== undefined) {
          current?.retire();
          current = made;
          return made;
        }
      } else if (host?.failure() != null) {
        await giveUpStart(rows, environment, app);
        throw new InternalFailure(`The host of App "${app}" could not be started: ${host.failure()}`, {
          hint: `Its output is in ${host.logFile}.`,
        });
      } else if (row === undefined && (await takeStart(rows, environment, app, id))) {
        host = startHost(stateDir, environment, app);
      }
      if (Date.now() > endsAt) {
        throw new InternalFailure(`The host of App "${app}" was not reached within ${START_TIMEOUT_MS} ms.`, {
          hint: `Its output is in ${hostLogFile(stateDir, environment, app)}.`,
        });
      }
      await sleep(LOOK_EVERY_MS);
    }
  };

  return {
    reach,
    async wake() {
      for (;;) if (await (await reach()).wake()) return;
    },
    close() {
      current?.retire();
      current = undefined;
    },
  };
}

// --- Internal helpers ---

interface OpenConnection extends HostConnection {
  /** Says `false` when the host is gone or on its way out. */
  wake(): Promise<boolean>;
  /** Closes the socket once nothing is waited for. */
  retire(): void;
}

/** Connects and waits until the host answers: a listening socket alone may belong to one that is on its way out. */
function openConnection(path: string, deployment: string, environment: string): Promise<OpenConnection> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connectSocket(path);
    let holds = 0;
    let retired = false;
    let wakes: ((alive: boolean) => void)[] = [];
    const wake = (): Promise<boolean> => {
      if (channel.closed) return Promise.resolve(false);
      const release = hold();
      return new Promise<boolean>((heard) => {
        wakes.push(heard);
        channel.send(FrameType.event, 0, WAKE);
      }).finally(release);
    };
    const hold = (): (() => void) => {
      holds += 1;
      socket.ref();
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        holds -= 1;
        if (holds > 0) return;
        if (retired) channel.end();
        else socket.unref();
      };
    };
    const channel = createChannel(socket, {
      onFrame(type, seq, head, parts) {
        if (type === FrameType.event && seq === 0) {
          const heard = wakes;
          wakes = [];
          for (const tell of heard) tell(true);
        } else backend.onFrame(type, seq, head, parts);
      },
      onClose(error) {
        for (const tell of wakes) tell(false);
        wakes = [];
        backend.onClose(error?.message ?? "the App's host has ended");
        reject(error ?? new InternalFailure("The App's host has closed the connection."));
      },
    });
    const backend: ChannelBackend = channelBackend(channel, { kind: "local", environment });
    socket.once("connect", () => {
      void wake().then((alive) => {
        if (!alive) return channel.destroy();
        resolve({
          backend,
          deployment,
          wake,
          hold,
          retire() {
            retired = true;
            if (holds === 0) channel.end();
          },
          get closed() {
            return channel.closed;
          },
        });
      });
    });
  });
}

interface StartedHost {
  readonly logFile: string;
  /** Why it ended without serving; `null` while it runs, or when it left the place to another. */
  failure(): string | null;
}

/** Starts a host that outlives this process: a process group of its own, its output in a file. */
function startHost(stateDir: string, environment: string, app: string): StartedHost {
  ensureStateFolder(stateDir, "logs");
  const logFile = hostLogFile(stateDir, environment, app);
  const output = openSync(logFile, "a", 0o600);
  const before = fstatSync(output).size;
  let failure: string | null = null;
  const child = spawn(process.execPath, [join(tenonDir(), "dist/host.js"), stateDir, environment, app], {
    cwd: stateDir,
    env: { ...baseEnvironment(), ...hostSettings() },
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  child.unref();
  child.once("error", (error) => (failure = error.message));
  child.once("exit", (code, signal) => {
    if (code === 0) return;
    const said = readFileSync(logFile).subarray(before).toString("utf8").trim().split("\n").slice(0, 3).join("\n");
    failure = `it ended with ${signal ?? `exit code ${String(code)}`}${said === "" ? "" : `: ${said}`}`;
  });
  return { logFile, failure: () => failure };
}

/** The settings of Tenon itself that a host takes from whoever starts it. */
function hostSettings(): Record<string, string> {
  const idle = process.env["TENON_HOST_IDLE_MS"];
  return idle === undefined ? {} : { TENON_HOST_IDLE_MS: idle };
}
