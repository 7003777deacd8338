// Takes a lock that is a key of a Dict, again and again, and looks whether anyone else has it too.
import { closeSync, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createLocalDict } from "../../../src/adapters/dict/local.ts";
import { openObjects } from "../../../src/adapters/lmdb/state.ts";
import { encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";

const stateDir = process.argv[2]!;
const times = Number(process.argv[3]);
const dict = createLocalDict({ rows: async () => (await openObjects(stateDir)).rows, environment: "dev" });
const ref = await dict.open("locks", { createIfMissing: true });
const lock = encodeKey({ lock: 1 });

process.on("message", async () => {
  let clashes = 0;
  for (let i = 0; i < times; i++) {
    while (!(await dict.put(ref, lock, encode(process.pid), { skipIfExists: true }))) await pause(1);
    // Only one process at a time can make this file.
    const witness = join(stateDir, "held");
    try {
      closeSync(openSync(witness, "wx"));
      await pause(i % 3);
      unlinkSync(witness);
    } catch {
      clashes++;
    }
    const released = await dict.pop(ref, lock);
    if (released?.text !== String(process.pid)) clashes++;
  }
  process.send!({ kind: "done", clashes });
});
process.send!({ kind: "ready" });
