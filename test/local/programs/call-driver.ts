import { runPartition } from "../../../src/adapters/calls/local-partitions.ts";
import { ownKey } from "../../../src/util/processes.ts";
import { app, envelopeOf, openCallsBackend, succeed } from "../../adapters/calls/local-backend.ts";
import { setTimeout as sleep } from "node:timers/promises";

const [stateDir, mode, count] = process.argv.slice(2);
const partition = runPartition(ownKey(), app);
const backend = await openCallsBackend(stateDir!, mode === "run-app" ? partition : undefined);
setInterval(() => {}, 1_000);

let calls = 0;
if (mode === "hang-after") {
  let hanging = 0;
  backend.drive({
    add: ([n]) => {
      calls += 1;
      if (calls <= Number(count)) return succeed(`child ${String(n)}`);
      hanging += 1;
      if (hanging === 40) {
        // The ten results before must be on disk, for the test counts them.
        void sleep(200).then(() => process.send!({ kind: "hanging" }));
      }
      return new Promise(() => {});
    },
  });
} else if (mode === "run") {
  backend.drive({
    add: async ([n]) => {
      calls += 1;
      if (calls === 20) process.send!({ kind: "running" });
      await sleep(5);
      return succeed(n);
    },
  });
} else {
  backend.drive({ add: () => new Promise(() => {}) });
  const callId = await backend.calls.spawn({ app, name: "add" }, envelopeOf([]));
  while (backend.invoked.get("add") !== 1) await sleep(5);
  process.send!({ kind: "spawned", callId, partition });
}
