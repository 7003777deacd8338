import { readFileSync, readdirSync, readlinkSync } from "node:fs";

/** A process and all that it has started, and so on. */
export function processesBelow(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    unlessGone(() => readFileSync(`/proc/${pid}/task/${task}/children`, "utf8"), "")
      .split(/\s+/)
      .filter(Boolean)
      .map(Number),
  );
  return [pid, ...children.flatMap((child) => unlessGone(() => processesBelow(child), []))];
}

/** The local addresses, in the kernel's hexadecimal, on which processes accept connections. */
export function listeningSockets(pids: readonly number[]): string[] {
  const inodes = new Set(
    pids.flatMap((pid) =>
      unlessGone(() => readdirSync(`/proc/${pid}/fd`), []).flatMap((fd) => {
        const target = unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`), "");
        return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? [];
      }),
    ),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode ?? ""))
      .map(([, address]) => address ?? ""),
  );
}

/** What is read of a thread, a process or a file that may end meanwhile. */
export function unlessGone<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
