/** Where and how the clients of AWS connect. */
export interface AwsClientOptions {
  /** @default - what the AWS SDK finds in the environment and in its files */
  readonly region?: string | undefined;
  /** The URL of an emulator. */
  readonly endpoint?: string | undefined;
  /** Whether this process is a container on Lambda, whose clients share few sockets. @default false */
  readonly inContainer?: boolean | undefined;
}
