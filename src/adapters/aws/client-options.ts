/** Where and how the clients of AWS connect. */
export interface AwsClientOptions {
  /** @default - what the AWS SDK finds in the environment and in its files */
  readonly region?: string | undefined;
  /** The URL of an emulator. */
  readonly endpoint?: string | undefined;
}

/** What every client is told; `maxSockets` is how many requests go out at the same time. */
export interface SharedOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
    readonly httpAgent: { readonly keepAlive: true; readonly maxSockets: number };
    readonly httpsAgent: { readonly keepAlive: true; readonly maxSockets: number };
  };
}

const CONNECT_TIMEOUT_MS = 5_000;

/** The options that every client shares: TCP keep-alive, sockets for the caller's window, a timeout of the whole request. */
export function sharedOptions(options: AwsClientOptions, limits: { maxSockets: number; requestTimeoutMs: number }): SharedOptions {
  const agent = { keepAlive: true, maxSockets: limits.maxSockets } as const;
  return {
    ...(options.region === undefined ? undefined : { region: options.region }),
    ...(options.endpoint === undefined ? undefined : { endpoint: options.endpoint }),
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: limits.requestTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
}
