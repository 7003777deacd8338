import { runLane } from "../../../src/adapters/calls/local.ts";
import { ownKey } from "../../../src/util/processes.ts";
import { app, envelopeOf, openCallsWorld, succeed } from "../../adapters/calls/world.ts";
import { setTimeout as sleep } from "node:timers/promises";

const [stateDir, mode, count] = process.argv.slice(2);
const lane = runLane(ownKey(), app);
const world = await openCallsWorld(stateDir!, mode === "run-app" ? lane : undefined);
setInterval(() => {}, 1_000);

let calls = 0;
if (mode === "hang-after") {
  let hanging = 0;
  world.drive({
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
  world.drive({
    add: async ([n]) => {
      calls += 1;
      if (calls === 20) process.send!({ kind: "running" });
      await sleep(5);
      return succeed(n);
    },
  });
} else {
  world.drive({ add: () => new Promise(() => {}) });
  const envelope = envelopeOf([]);
  await world.calls.spawn({ app, name: "add" }, envelope);
  while (world.invoked.get("add") !== 1) await sleep(5);
  process.send!({ kind: "spawned", callId: envelope.callId, lane });
}
