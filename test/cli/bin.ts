import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STATE_DIR = mkdtempSync(join(tmpdir(), "tenon-cli-"));
process.on("exit", () => rmSync(STATE_DIR, { recursive: true, force: true }));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Started {
  readonly ended: Promise<Ended>;
  /** Resolves when stdout and stderr together match. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts the real command, as a user does. */
export function start(args: readonly string[], params: { env?: Record<string, string>; node?: readonly string[] } = {}): Started {
  const env = { ...process.env, TENON_STATE_DIR: STATE_DIR, NO_COLOR: "1", ...params.env } as Record<string, string>;
  delete env["FORCE_COLOR"];
  delete env["TENON_BACKEND"];
  // npx, which starts tests too, has the command say how it is found.
  delete env["npm_command"];
  const child = spawn(process.execPath, [...(params.node ?? []), join(ROOT, "bin/tenon.js"), ...args], {
    cwd: ROOT,
    env: { ...env, ...params.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  let check = (): void => {};
  child.stdout.setEncoding("utf8").on("data", (text: string) => ((stdout += text), check()));
  child.stderr.setEncoding("utf8").on("data", (text: string) => ((stderr += text), check()));
  return {
    ended: new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr }))),
    seen: (pattern) =>
      new Promise((resolve) => {
        check = () => {
          const match = pattern.exec(`${stdout}\n${stderr}`);
          if (match !== null) resolve(match);
        };
        check();
      }),
    kill: (signal) => void child.kill(signal),
  };
}

/** Runs the real command to its end. */
export function tenonBin(args: readonly string[], params?: Parameters<typeof start>[1]): Promise<Ended> {
  return start(args, params).ended;
}
