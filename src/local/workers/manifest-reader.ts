import type { EncodedError } from "../../model/encoded.ts";
import { BundleError } from "../../model/errors.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { ContainerInit, ManifestReply } from "../../runtime/process/container-init.ts";
import { decodeError } from "../../wire/error-codec.ts";
import { FrameType } from "../../wire/frame.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** Which bundle to read. */
export interface ManifestReaderParams {
  readonly bundle: { readonly appFile: string; readonly sourceRoot: string; readonly version: string };
  readonly environment: string;
  /** The App's name; default: the only one that the module declares. */
  readonly app?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** A process that {@link startReader} has started before. */
  readonly reader?: WorkerProcess | undefined;
  /** Called when the process is at work: what keeps this one busy costs no time then. */
  readonly onReading?: (() => void) | undefined;
}

const READ_TIMEOUT_MS = 60_000;
const READER_MEMORY_MIB = 1_024;

/** Starts the process that will read what a bundle declares, in the folder of its sources. The caller passes it to {@link readManifest} or kills it. */
export function startReader(sourceRoot: string): WorkerProcess {
  return startWorkerProcess({ memoryMiB: READER_MEMORY_MIB, env: {}, cwd: sourceRoot });
}

/**
 * What a bundle declares, read by a process of its own that then ends: nothing of the user's code runs in this one.
 *
 * Rejects with what the module threw, or `BundleError` when it ended or did not come to an end in `timeoutMs`
 * (default 60,000).
 */
export function readManifest(params: ManifestReaderParams): Promise<AppManifest> {
  const { bundle, timeoutMs = READ_TIMEOUT_MS } = params;
  const worker = params.reader ?? startReader(bundle.sourceRoot);
  const init: ContainerInit = {
    app: params.app ?? "",
    version: bundle.version,
    container: "",
    environment: params.environment,
    env: { TENON_ENVIRONMENT: params.environment },
    bundle,
    fn: null,
  };
  const lines: string[] = [];
  return new Promise<AppManifest>((resolve, reject) => {
    const timer = setTimeout(
      () =>
        reject(
          new BundleError(`The module did not finish loading in ${timeoutMs} ms.`, {
            hint: "Move what waits or runs for long out of module level, into a Function.",
          }),
        ),
      timeoutMs,
    );
    worker.adopt({
      onFrame(type, _seq, head) {
        if (type === FrameType.ready) resolve((JSON.parse(head) as ManifestReply).manifest);
        if (type === FrameType.initFailed) reject(decodeError(JSON.parse(head) as EncodedError));
      },
      onNativeLine: (_stream, text) => void lines.push(text),
      onExit: ({ code, signal }) => {
        const last = lines.slice(-3).join("\n");
        reject(
          new BundleError(
            `The module ended its process (${signal ?? `exit code ${String(code)}`}) before it was loaded.${last === "" ? "" : ` It wrote: ${last}`}`,
          ),
        );
      },
    });
    worker.channel.send(FrameType.init, 0, JSON.stringify(init));
    params.onReading?.();
    void worker.gone.then(() => clearTimeout(timer));
  }).finally(() => worker.kill());
}
