import { createRequire } from "node:module";
import { EXIT } from "./core/failures.ts";
import { createInterruption, listenForSignals } from "./core/interruption.ts";
import { createProcessIo, flushOutput, onReaderGone } from "./core/process-io.ts";

const argv = process.argv.slice(2);
// The work starts while the command line is still being read.
if (argv.includes("run")) void import("./commands/run.ts").catch(() => {});
void main();

async function main(): Promise<void> {
  const io = createProcessIo();
  const interruption = createInterruption({ exit: (code) => process.exit(code), say: (text) => io.err.write(`${text}\n`) });
  listenForSignals(interruption);
  onReaderGone(() => interruption.stop(EXIT.ok));
  const { runCli } = await import("./core/program.ts");
  const code = await runCli(argv, { io, interruption, version: packageVersion() });
  // A stop that is under way decides the exit code itself.
  if (interruption.signal.aborted) return;
  await flushOutput();
  // User code may have left timers and sockets behind: the command ends when its work does.
  process.exit(code === EXIT.ok ? (process.exitCode ?? EXIT.ok) : code);
}

function packageVersion(): string {
  const { version } = createRequire(import.meta.url)("tenon/package.json") as { version: string };
  return version;
}
