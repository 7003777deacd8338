import type { AwsClientOptions } from "./client-options.ts";
import type { AwsClients } from "./clients.ts";

/** Clients that are loaded, with the AWS SDK, when they are first asked for. */
export interface LazyAwsClients {
  readonly get: () => Promise<AwsClients>;
  /** Closes their sockets, if they were ever loaded. */
  destroy(): Promise<void>;
}

/** Makes them. */
export function lazyAwsClients(options: AwsClientOptions): LazyAwsClients {
  let loading: Promise<AwsClients> | undefined;
  return {
    get: () => (loading ??= import("./clients.ts").then(({ createAwsClients }) => createAwsClients(options))),
    async destroy() {
      (await loading?.catch(() => undefined))?.destroy();
    },
  };
}
