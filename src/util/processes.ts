import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * A process, told apart from a later one that got the same pid: `<pid>-<start>`, where `<start>` names the moment
 * of its start (on Linux the machine's boot and clock ticks since it).
 */
export type ProcessKey = string;

/** The key of a living process; `null` when there is none with this pid. A zombie is not living. */
export function processKey(pid: number): ProcessKey | null {
  const start = process.platform === "linux" ? linuxStart(pid) : posixStart(pid);
  return start === null ? null : `${pid}-${start}`;
}

/** The key of this process. */
export function ownKey(): ProcessKey {
  // What /proc or ps says of the calling process can't be missing; the pid alone would still be a key.
  return (own ??= processKey(process.pid) ?? `${process.pid}-0`);
}

/** Whether the very process that the key names is still living. */
export function isAlive(key: ProcessKey): boolean {
  const pid = pidOf(key);
  return pid > 0 && (key === own || processKey(pid) === key);
}

/** The pid inside a key; 0 when it is not a key. */
export function pidOf(key: ProcessKey): number {
  const pid = Number(key.slice(0, key.indexOf("-")));
  return Number.isSafeInteger(pid) && pid > 0 ? pid : 0;
}

/**
 * Ends the process that the key names, with its whole process group when it leads one; says whether there was one.
 * A process with the same pid and another start is left alone.
 */
export function killGroup(key: ProcessKey, signal: NodeJS.Signals = "SIGKILL"): boolean {
  if (!isAlive(key)) return false;
  const pid = pidOf(key);
  return send(-pid, signal) || send(pid, signal);
}

// --- Internal helpers ---

let own: ProcessKey | undefined;
let boot: string | undefined;

function linuxStart(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return null;
  }
  // The command name, field 2, may hold spaces and parentheses; field 3 is the state, field 22 the start.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return null;
  return `${(boot ??= bootId())}${fields[19]}`;
}

/** Ticks since boot repeat after the next boot, and the state folder outlives it. */
function bootId(): string {
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").slice(0, 8)}.`;
  } catch {
    return "";
  }
}

function posixStart(pid: number): string | null {
  try {
    const line = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    const [state, ...start] = line.split(/\s+/);
    return start.length === 0 || state?.startsWith("Z") === true ? null : String(Date.parse(start.join(" ")));
  } catch {
    return null;
  }
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
