import { openState } from "../../../src/local/state.ts";

const { rows } = await openState(process.argv[2]!);
for (let i = 0; ; i++) {
  await rows.transact((tx) => {
    const count = (tx.get<{ count: number }>("counter")?.count ?? 0) + 1;
    tx.put("counter", { count, twin: count });
    tx.put("counter-twin", count);
  });
  if (i === 20) process.send!({ kind: "writing" });
}
