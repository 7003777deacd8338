import { connect, type Socket } from "node:net";
import { channelBackend, type ChannelBackend } from "../../channel/client.ts";
import { createChannel, type Channel } from "../../channel/channel.ts";
import { InternalFailure } from "../../model/errors.ts";
import { FrameType } from "../../wire/frame.ts";

/** What a client says first. A host that accepts calls repeats it once it looks at its rows. */
export const WAKE = "wake";

/** Which host to connect to. */
export interface HostConnectionParams {
  /** Where it listens. */
  readonly path: string;
  /** Id of the deployment that it serves. */
  readonly deployment: string;
  readonly environment: string;
}

/** Connects and waits until the host answers: a listening socket alone may belong to one that is on its way out. */
export function openHostConnection(params: HostConnectionParams): Promise<HostConnection> {
  return new Promise((resolve, reject) => {
    const connection = new HostConnection(params, reject);
    connection.onConnect(() => {
      void connection.wake().then((alive) => (alive ? resolve(connection) : connection.destroy()));
    });
  });
}

/** One socket to one host. */
export class HostConnection {
  readonly deployment: string;
  readonly backend: ChannelBackend;
  readonly #socket: Socket;
  readonly #channel: Channel;
  #wakes: ((alive: boolean) => void)[] = [];
  #holds = 0;
  #isRetired = false;

  constructor({ path, deployment, environment }: HostConnectionParams, onClose: (error: Error) => void) {
    this.deployment = deployment;
    this.#socket = connect(path);
    this.#channel = createChannel(this.#socket, {
      onFrame: (type, seq, head, parts) => {
        if (type === FrameType.event && seq === 0) this.#answerWakes(true);
        else this.backend.onFrame(type, seq, head, parts);
      },
      onClose: (error) => {
        this.#answerWakes(false);
        this.backend.onClose(error?.message ?? "the App's host has ended");
        onClose(error ?? new InternalFailure("The App's host has closed the connection."));
      },
    });
    this.backend = channelBackend(this.#channel, { kind: "local", environment });
  }

  get closed(): boolean {
    return this.#channel.closed;
  }

  onConnect(listener: () => void): void {
    this.#socket.once("connect", listener);
  }

  /** Has the host look at its rows; `false` when it is gone or on its way out. */
  wake(): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    const release = this.hold();
    return new Promise<boolean>((answer) => {
      this.#wakes.push(answer);
      this.#channel.send(FrameType.event, 0, WAKE);
    }).finally(release);
  }

  /** Keeps this process alive while something is waited for; gives back the end of it. */
  hold(): () => void {
    this.#holds += 1;
    this.#socket.ref();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holds -= 1;
      if (this.#holds > 0) return;
      if (this.#isRetired) this.#channel.end();
      else this.#socket.unref();
    };
  }

  /** Closes the socket once nothing is waited for. */
  retire(): void {
    this.#isRetired = true;
    if (this.#holds === 0) this.#channel.end();
  }

  destroy(): void {
    this.#channel.destroy();
  }

  #answerWakes(alive: boolean): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const answer of wakes) answer(alive);
  }
}
