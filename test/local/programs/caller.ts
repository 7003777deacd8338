import { Client, RemoteFunction } from "tenon";

// A caller in a process of its own: `call` waits for a result, `spawn` leaves at once.
const [stateDir, mode, fn, args] = process.argv.slice(2);
const client = new Client({ backend: "local", stateDir: stateDir! });
const target = RemoteFunction.fromName<(...args: unknown[]) => Promise<unknown>>("shop", fn!, { client });
const values = JSON.parse(args!) as unknown[];
if (mode === "spawn") {
  const { functionCallId } = await target.spawn(...values);
  process.send!({ kind: "spawned", callId: functionCallId }, () => process.exit(0));
} else {
  if (mode === "call-when-told") {
    process.send!({ kind: "ready" });
    await new Promise((resolve) => process.once("message", resolve));
  }
  const result = await target.remote(...values);
  process.send!({ kind: "result", result });
  process.disconnect();
}
