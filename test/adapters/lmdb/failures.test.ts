import type { RootDatabase } from "lmdb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRows } from "../../../src/adapters/lmdb/state.ts";
import { hearFailedBatches, openError } from "../../../src/adapters/lmdb/failures.ts";
import { ExecutionError, PermissionDeniedError, ResourceExhaustedError } from "../../../src/model/errors.ts";

const unheard: unknown[] = [];
const listen = (error: unknown): void => void unheard.push(error);

beforeEach(() => {
  unheard.length = 0;
  process.on("unhandledRejection", listen);
});

afterEach(() => {
  process.off("unhandledRejection", listen);
});

const systemError = (message: string, code: number): Error => Object.assign(new Error(message), { code });
const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 20));

/** A database that refuses every write as LMDB does: with a reason on the side, that all failures of a commit share. */
function refusing(reason: Error): RootDatabase<unknown, string> {
  let commitError: Promise<never> | undefined;
  const refuse = (): Promise<never> => {
    commitError ??= new Promise((_, reject) => void setTimeout(reject, 1, reason));
    return Promise.reject(Object.assign(new Error("Commit failed (see commitError for details)"), { commitError }));
  };
  return { put: refuse, remove: refuse, transaction: refuse } as unknown as RootDatabase<unknown, string>;
}

describe("rows that can't be written", () => {
  test.each([
    ["EIO", 5],
    ["ENOSPC", 28],
    ["MDB_MAP_FULL", -30_792],
  ])("say that the disk is full, whichever way they are written: %s", async (message, code) => {
    const rows = createRows(refusing(systemError(message, code)), "/a/.tenon/objects");
    const writes = [rows.put("a", 1), rows.delete("a"), rows.transact(() => 1), rows.transact(() => 2)];
    for (const write of await Promise.allSettled(writes)) {
      const { reason } = write as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(ResourceExhaustedError);
      expect(reason).toMatchObject({
        message: `Nothing was written to the folder "/a/.tenon/objects": its disk is full (${message}).`,
        hint: "Make room on the disk, or set TENON_STATE_DIR to a folder with room.",
      });
    }
    await turn();
    expect(unheard).toEqual([]);
  });

  test("say what LMDB said when it was something else", async () => {
    const rows = createRows(refusing(systemError("MDB_BAD_TXN: Transaction must abort", -30_782)), "/a");
    await expect(rows.put("a", 1)).rejects.toThrow(ExecutionError);
    await expect(rows.put("a", 1)).rejects.toThrow('Nothing was written to the folder "/a": MDB_BAD_TXN: Transaction must abort.');
  });

  test("give what the body of a transaction threw as it is", async () => {
    const mine = new Error("mine");
    const rows = createRows({ transaction: () => Promise.reject(mine) } as unknown as RootDatabase<unknown, string>, "/a");
    await expect(rows.transact(() => 1)).rejects.toBe(mine);
  });

  test("leave no promise of a batch unheard", async () => {
    let begin: (() => void) | undefined;
    const database = {
      on: (_: string, listener: () => void) => void (begin = listener),
      committed: undefined as unknown as Promise<boolean>,
    };
    hearFailedBatches(database as unknown as RootDatabase<unknown, string>);
    begin!();
    database.committed = Promise.reject(new Error("Commit failed"));
    await turn();
    expect(unheard).toEqual([]);
  });
});

test("rows that can't be opened say which state folder can't be written", () => {
  const refused = openError("/a/.tenon", "/a/.tenon/state", systemError("Permission denied: Attempting to setup locks", 13));
  expect(refused).toBeInstanceOf(PermissionDeniedError);
  expect(refused).toMatchObject({
    message: 'The state folder "/a/.tenon" can\'t be written: Permission denied: Attempting to setup locks.',
    hint: "Set TENON_STATE_DIR to a folder that you may write to.",
  });
  expect(openError("/a/.tenon", "/a/.tenon/state", systemError("No space left on device", 28))).toBeInstanceOf(ResourceExhaustedError);
});
