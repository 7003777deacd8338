import { ClientClosedError } from "../model/errors.ts";
import type { ObjectPorts } from "../ports/backend.ts";
import type { Rows } from "../util/rows.ts";
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
  const rows = async (): Promise<Rows> => {
    if (closed) throw new ClientClosedError("This client is closed.", { hint: "Make a new Client, or close this one later." });
    return (await (opening ??= openObjects(stateDir))).rows;
  };
  const made = Object.entries(CREATE).map(([kind, create]) => [kind, create({ environment, rows })] as const);
  return {
    ports: Object.fromEntries(made) as unknown as ObjectPorts,
    async close() {
      if (closed) return;
      closed = true;
      for (const [, port] of made) await port.close();
      await (await opening?.catch(() => undefined))?.close();
    },
  };
}

// --- Internal helpers ---

/** A port of named objects that gives back what it holds. */
type Closing<Port> = Port & { close(): Promise<void> };

/** The port of each kind. */
const CREATE: {
  readonly [P in keyof ObjectPorts]: (params: {
    readonly environment: string;
    readonly rows: () => Promise<Rows>;
  }) => Closing<ObjectPorts[P]>;
} = {
  dict: createLocalDict,
};
