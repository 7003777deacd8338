import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createChannel } from "../../channel/channel.ts";
import { serveBackend, type ServedBackend } from "../../channel/server.ts";
import type { Backend } from "../../ports/backend.ts";
import { FrameType } from "../../wire/frame.ts";
import { WAKE } from "./host-connection.ts";

/** What a host serves, and where. */
export interface HostServerParams {
  /** Path of the socket. */
  readonly path: string;
  readonly backend: Backend;
  /** Has the driver look at its rows; `false` when it starts no more calls. */
  readonly wake: () => boolean;
}

/** The socket of a host and the clients that are connected to it. */
export class HostServer {
  readonly #params: HostServerParams;
  readonly #server: Server;
  readonly #clients: Map<Socket, ServedBackend> = new Map();
  readonly #removeSocket = (): void => rmSync(this.#params.path, { force: true });
  #lastActiveMs: number = Date.now();

  constructor(params: HostServerParams) {
    this.#params = params;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  get path(): string {
    return this.#params.path;
  }

  /** Whether a client waits for an answer. */
  get isBusy(): boolean {
    return [...this.#clients.values()].some(({ active }) => active > 0);
  }

  /** When a client last said something, in epoch milliseconds. */
  get lastActiveMs(): number {
    return this.#lastActiveMs;
  }

  async listen(): Promise<void> {
    this.#removeSocket();
    process.on("exit", this.#removeSocket);
    this.#server.listen(this.#params.path);
    await once(this.#server, "listening");
  }

  /** Accepts no more clients and ends the connections once all has been sent. */
  close(): void {
    this.#server.close();
    for (const socket of this.#clients.keys()) socket.end();
  }

  /** Removes the socket. */
  dispose(): void {
    process.off("exit", this.#removeSocket);
    this.#removeSocket();
  }

  #serve(socket: Socket): void {
    const channel = createChannel(socket, {
      onFrame: (type, seq, head, parts) => {
        this.#lastActiveMs = Date.now();
        if (type !== FrameType.event || head !== WAKE) served.onFrame(type, seq, head, parts);
        else if (this.#params.wake()) channel.send(FrameType.event, seq, WAKE);
        else channel.end();
      },
      onClose: () => {
        this.#clients.delete(socket);
        served.onClose();
      },
    });
    const served = serveBackend(channel, this.#params.backend);
    this.#clients.set(socket, served);
  }
}
