import { spawn } from "node:child_process";
import { closeSync, writeSync } from "node:fs";
import { App } from "tenon";

/** Functions that treat their container badly, each in its own way. */
export const app = new App("odd", { maxCallDepth: 64 });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// The module itself goes wrong where a Function's environment says so.
switch (process.env["ODD_MODULE"]) {
  case "exits":
    process.exit(4);
    break;
  case "throws":
    throw new RangeError("the module can't load");
  case "rejects":
    void Promise.reject(new RangeError("nobody awaits this"));
    await pause(10_000);
    break;
  case "spins":
    for (;;) Math.random();
  case "crashes":
    process.kill(process.pid, "SIGSEGV");
    await pause(10_000);
    break;
  default:
    break;
}

export const echo = app.function("echo", (value: unknown) => value);
export const pid = app.function("pid", { singleUseContainers: true }, () => process.pid);
export const sleep = app.function("sleep", async (ms: number) => {
  await pause(ms);
  return ms;
});
export const block = app.function("block", { maxContainers: 1 }, (ms: number) => {
  const until = Date.now() + ms;
  while (Date.now() < until);
  return ms;
});
export const one = app.function("one", { maxContainers: 1 }, async (ms: number) => {
  await pause(ms);
  return process.pid;
});

export const oneOrDie = app.function("oneOrDie", { maxContainers: 1 }, async (what: string) => {
  await pause(100);
  if (what === "die") process.kill(process.pid, "SIGKILL");
  await pause(what === "die" ? 10_000 : 0);
  return what;
});

/** Leaves a process behind that holds everything open it was given, then dies. */
export const dieWithHeir = app.function("dieWithHeir", async () => {
  spawn("sleep", ["20"], { detached: true, stdio: "inherit" }).unref();
  process.kill(process.pid, "SIGKILL");
  await pause(10_000);
});
export const leaveHeir = app.function("leaveHeir", () => {
  spawn("sleep", ["20"], { detached: true, stdio: "inherit" }).unref();
  return "done";
});
export const writeThenExit = app.function("writeThenExit", (lines: number) => {
  for (let i = 0; i < lines; i++) console.log("x".repeat(1_000));
  process.exit(3);
});
export const writeWithoutEnd = app.function("writeWithoutEnd", async () => {
  for (let i = 0; i < 300; i++) process.stdout.write("x".repeat(1_000));
  await pause(20_000);
});
export const halfCharacters = app.function("halfCharacters", () => {
  const bytes = Buffer.from("grüße\n");
  for (const byte of bytes) process.stdout.write(Uint8Array.of(byte));
});
export const scribble = app.function("scribble", async () => {
  writeSync(3, "this is no frame of Tenon's, however long one looks at it");
  await pause(20_000);
});
export const closeChannel = app.function("closeChannel", async () => {
  closeSync(3);
  await pause(20_000);
});
export const manyBuffers = app.function("manyBuffers", (count: number) => Array.from({ length: count }, () => Buffer.from("x")));

/** Throws in the middle of the input that comes after it. */
export const throwAfter = app.function("throwAfter", { maxContainers: 1 }, async (task: "leave" | "work") => {
  if (task === "work") await pause(1_600);
  else
    setTimeout(() => {
      throw new RangeError("too late to belong to anyone");
    }, 100);
  return process.pid;
});
export const exitAfter = app.function("exitAfter", { maxContainers: 1 }, async (task: "leave" | "work") => {
  if (task === "work") await pause(500);
  else setTimeout(() => process.exit(5), 100);
  return "done";
});

export const count = app.function("count", async function* (to: number) {
  for (let i = 0; i < to; i++) yield i;
  return "end";
});
export const countThenDie = app.function("countThenDie", async function* (to: number) {
  for (let i = 0; i < to; i++) yield i;
  await pause(50);
  process.kill(process.pid, "SIGKILL");
  await pause(10_000);
});
export const cleanUp = app.function("cleanUp", async function* (how: "unsendable" | "endless") {
  try {
    for (let i = 0; ; i++) yield how === "unsendable" ? () => i : i;
  } finally {
    console.log(`cleaned up in ${process.env["TENON_TASK_ID"] === undefined ? "nothing" : "its container"}`);
  }
});

export const callSleep = app.function("callSleep", (ms: number) => sleep.remote(ms));
export const callSleepThenDie = app.function("callSleepThenDie", async () => {
  void sleep.remote(15_000);
  await pause(300);
  process.kill(process.pid, "SIGKILL");
  await pause(10_000);
});

export const moduleExits = app.function("moduleExits", { env: { ODD_MODULE: "exits" } }, () => 1);
export const moduleThrows = app.function("moduleThrows", { env: { ODD_MODULE: "throws" } }, () => 1);
export const moduleRejects = app.function("moduleRejects", { env: { ODD_MODULE: "rejects" } }, () => 1);
export const moduleSpins = app.function("moduleSpins", { env: { ODD_MODULE: "spins" }, startupTimeoutMs: 1_000 }, () => 1);
export const moduleCrashes = app.function("moduleCrashes", { env: { ODD_MODULE: "crashes" } }, () => 1);
