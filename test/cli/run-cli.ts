import type { Io } from "../../src/cli/kit/io.ts";
import { createInterruption } from "../../src/cli/kit/interruption.ts";
import { runCli } from "../../src/cli/program/program.ts";

/** An Io that keeps what is written. */
export function captureIo(
  params: { terminal?: boolean; columns?: number; env?: Record<string, string>; answer?: string } = {},
): Io & { readonly stdout: () => string; readonly stderr: () => string } {
  let stdout = "";
  let stderr = "";
  const shared = { isTerminal: params.terminal === true, colours: false, columns: params.columns ?? 80 };
  return {
    out: { ...shared, write: (text) => void (stdout += text) },
    err: { ...shared, write: (text) => void (stderr += text) },
    env: params.env ?? {},
    ask: async () => params.answer ?? null,
    stdout: () => stdout,
    stderr: () => stderr,
  };
}

/** Runs one command line in this process. */
export async function tenon(
  line: readonly string[],
  params: Parameters<typeof captureIo>[0] = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = captureIo(params);
  const interruption = createInterruption({ exit: () => {}, say: () => {} });
  const code = await runCli(line, { io, interruption, version: "0.0.0-test" });
  return { code, stdout: io.stdout(), stderr: io.stderr() };
}
