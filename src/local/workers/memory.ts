import { readFileSync } from "node:fs";

/** Resident memory of a process in MiB; `null` where the system does not say. */
export function residentMiB(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const found = /^VmRSS:\s+(\d+) kB/m.exec(status);
    return found === null ? null : Number(found[1]) / 1024;
  } catch {
    return null;
  }
}
