import { setTimeout as sleep } from "node:timers/promises";
import { appendFileSync } from "node:fs";
import { App, currentFunctionCallId, RemoteFunction } from "tenon";

const edition = "first";

export const app = new App("shop");

export const add = app.function("add", async (a: number, b: number) => {
  console.log(`adding ${a} and ${b}`);
  return a + b;
});

/** Notes each time it runs in a file, so that a test sees what really ran. */
export const note = app.function("note", async (file: string, text: string, ms = 0) => {
  appendFileSync(file, `${text}\n`);
  await sleep(ms);
  return `${text} in the ${edition} edition`;
});

export const hostPid = app.function("hostPid", async () => process.ppid);

export const countTo = app.function("countTo", async function* (end: number) {
  for (let n = 1; n <= end; n++) yield n;
});

export const double = app.function("double", async (n: number) => (await add.remote(n, n)) + 0);

/** Finds itself by name, as another App would. */
export const addByName = app.function("addByName", async (a: number, b: number) =>
  RemoteFunction.fromName<(a: number, b: number) => Promise<number>>("shop", "add").remote(a, b),
);

export const spawnAdd = app.function("spawnAdd", async (a: number, b: number) => (await add.spawn(a, b)).functionCallId);

export const whoami = app.function("whoami", async () => currentFunctionCallId());

export const refuse = app.function("refuse", async (what: string) => {
  throw new RangeError(`no ${what} today`);
});
