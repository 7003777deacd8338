import { openState } from "../../../src/adapters/lmdb/state.ts";

const { rows } = await openState(process.argv[2]!);
for (let i = 0; ; i++) {
  await rows.transact((tx) => {
    const count = (tx.get<{ count: number }>("counter")?.count ?? 0) + 1;
    tx.put("counter", { count, copy: count });
    tx.put("counter-copy", count);
  });
  if (i === 20) process.send!({ kind: "writing" });
}
