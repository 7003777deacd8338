import type { AppsPort } from "./apps.ts";
import type { CallsPort } from "./calls.ts";
import type { FunctionsPort } from "./functions.ts";

/** One backend, seen by a caller: every port of it. */
export interface Backend {
  readonly kind: "local" | "aws";
  readonly environment: string;
  readonly functions: FunctionsPort;
  readonly calls: CallsPort;
  readonly apps: AppsPort;
  /** Gives back sockets and files. Further use rejects with `ClientClosedError`. */
  close(): Promise<void>;
}
