import { fork } from "node:child_process";
import { join } from "node:path";
import { build } from "esbuild";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { once } from "node:events";

/** A real child process that runs one file of `programs/`, talking over its IPC channel as `{ kind, … }`. */
export interface Program {
  readonly pid: number;
  send(kind: string, data?: Record<string, unknown>): void;
  /** The next message of a kind, or one that came before it was asked for. */
  message<T = Record<string, unknown>>(kind: string): Promise<T>;
  /** Resolves when the process has ended by itself. */
  ended(): Promise<number | null>;
  /** `kill -9`, resolved when it is dead. */
  kill(): Promise<void>;
}

const root = join(import.meta.dirname, "../..");
let bundled: Promise<string> | undefined;

/** Programs import TypeScript with `.ts` endings, so they are bundled once per test file, packages left outside. */
function bundle(): Promise<string> {
  return (bundled ??= (async () => {
    // Inside the package, so that they find "tenon" as its users do.
    mkdirSync(join(root, ".tenon"), { recursive: true });
    const dir = mkdtempSync(join(root, ".tenon/programs-"));
    process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
    await build({
      absWorkingDir: join(import.meta.dirname, "programs"),
      entryPoints: ["*.ts"],
      outdir: dir,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      packages: "external",
      external: ["tenon"],
      sourcemap: "inline",
    });
    return dir;
  })());
}

/** Starts a program of `programs/` in a process of its own. */
export async function startProgram(
  file: string,
  args: readonly string[] = [],
  options: { readonly env?: Record<string, string>; readonly detached?: boolean } = {},
): Promise<Program> {
  const dir = await bundle();
  const child = fork(join(dir, file.replace(/\.ts$/, ".mjs")), [...args], {
    env: { ...process.env, ...options.env },
    execArgv: ["--enable-source-maps"],
    detached: options.detached ?? false,
  });
  const waiting = new Map<string, ((data: unknown) => void)[]>();
  const early = new Map<string, unknown[]>();
  const failures: ((error: unknown) => void)[] = [];
  child.on("message", (message: { kind: string }) => {
    const next = waiting.get(message.kind)?.shift();
    if (next !== undefined) next(message);
    else early.set(message.kind, [...(early.get(message.kind) ?? []), message]);
  });
  const exited = once(child, "exit");
  void exited.then(([code, signal]) => {
    for (const fail of failures)
      fail(new TypeError(`program ${file} ended with ${String(code ?? signal)} before it said what was waited for`));
  });
  return {
    pid: child.pid!,
    send: (kind, data = {}) => void child.send({ kind, ...data }),
    message: <T>(kind: string) =>
      new Promise<T>((resolve, reject) => {
        const before = early.get(kind)?.shift();
        if (before !== undefined) return resolve(before as T);
        waiting.set(kind, [...(waiting.get(kind) ?? []), resolve as (data: unknown) => void]);
        failures.push(reject);
      }),
    ended: async () => (await exited)[0] as number | null,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
