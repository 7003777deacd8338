import { ClientClosedError } from "../model/errors.ts";
import type { ObjectPorts } from "../ports/backend.ts";
import { createLocalDict } from "./dict/local.ts";
import { type LocalState, openObjects } from "./lmdb/state.ts";

/** Where an environment's named objects are on this machine. */
export interface LocalObjectsParams {
  readonly stateDir: string;
  readonly environment: string;
}

/** The named objects of one environment on this machine. */
export interface LocalObjects {
  readonly ports: ObjectPorts;
  /** Gives the rows back. Further use rejects with `ClientClosedError`. */
  close(): Promise<void>;
}

/** Opens them: nothing is loaded or made before the first operation. Any number of processes may have them open. */
export function openLocalObjects({ stateDir, environment }: LocalObjectsParams): LocalObjects {
  let opening: Promise<LocalState> | undefined;
  let closed = false;
  const dict = createLocalDict({
    environment,
    async rows() {
      if (closed) throw new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." });
      return (await (opening ??= openObjects(stateDir))).rows;
    },
  });
  return {
    ports: { dict },
    async close() {
      if (closed) return;
      closed = true;
      await dict.close();
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}
