import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalDict, type LocalDict } from "../../../src/adapters/dict/local.ts";
import { type LocalState, openObjects } from "../../../src/adapters/lmdb/state.ts";

/** The Dicts of a state folder, with a clock that a test may set. */
export interface TestDict {
  readonly dict: LocalDict;
  readonly stateDir: string;
  readonly state: LocalState;
  /** Moves the clock on. */
  pass(ms: number): void;
  /** Another process's view of the same Dicts, with the same clock. */
  another(): LocalDict;
  close(): Promise<void>;
}

export async function openTestDict(): Promise<TestDict> {
  const stateDir = mkdtempSync(join(tmpdir(), "tenon-dict-"));
  const state = await openObjects(stateDir);
  let passedMs = 0;
  const made: LocalDict[] = [];
  const another = (): LocalDict => {
    const dict = createLocalDict({ rows: () => Promise.resolve(state.rows), environment: "dev", nowMs: () => Date.now() + passedMs });
    made.push(dict);
    return dict;
  };
  return {
    dict: another(),
    stateDir,
    state,
    another,
    pass: (ms) => void (passedMs += ms),
    async close() {
      await Promise.all(made.map((dict) => dict.close()));
      await state.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}
