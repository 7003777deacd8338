import { openState } from "../../../src/adapters/lmdb/state.ts";

const { rows } = await openState(process.argv[2]!);
process.on("message", async () => {
  const taken = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const won = await rows.transact((tx) => {
        if (tx.get(`race#${i}`) !== undefined) return false;
        tx.put(`race#${i}`, process.pid);
        return true;
      });
      return won ? [i] : [];
    }),
  );
  process.send!({ kind: "won", won: taken.flat() });
});
process.send!({ kind: "ready" });
