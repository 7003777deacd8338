import type { AppManifest } from "../../model/manifest.ts";
import type { AppInfo, AppsPort, LogQuery } from "../../ports/apps.ts";
import type { LogRecord } from "../../wire/log-record.ts";
import { checkLogged } from "./errors.ts";

/** Where the Apps of one environment on this machine are found. */
export interface LocalAppsParams {
  /** Throws `ClientClosedError` when the client is closed. */
  readonly checkOpen: () => void;
  /** What a deployed App declares. Throws `NotFoundError` when it was never deployed or is stopped. */
  readonly manifestOf: (app: string) => AppManifest;
  /** Throws `NotFoundError` for an App that was never deployed; one that is stopped is known. */
  readonly checkKnown: (app: string) => void;
  /** Every App that was deployed. */
  readonly deployed: () => readonly AppInfo[];
  /** Every App that runs in a process of its own. */
  readonly running: () => readonly AppInfo[];
  /** Ends an App that is known. */
  readonly stop: (app: string) => Promise<void>;
  readonly readLog: (app: string, query: LogQuery | undefined) => AsyncIterable<LogRecord>;
}

/** The Apps of one environment on this machine. */
export function createLocalApps(params: LocalAppsParams): AppsPort {
  const { checkOpen, checkKnown } = params;
  return {
    async manifest(app) {
      checkOpen();
      return params.manifestOf(app);
    },
    async list() {
      checkOpen();
      return [...params.running(), ...params.deployed()].toSorted((a, b) => b.sinceMs - a.sinceMs);
    },
    async stop(app) {
      checkOpen();
      checkKnown(app);
      await params.stop(app);
      return { stopped: [], goesOn: [] };
    },
    async *logs(app, query) {
      checkOpen();
      checkKnown(app);
      const deployed = params.deployed().find(({ name }) => name === app);
      if (deployed !== undefined) checkLogged(app, deployed.functions, query?.fn);
      yield* params.readLog(app, query);
    },
  };
}
