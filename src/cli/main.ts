import { EXIT } from "./kit/failures.ts";
import { createInterruption, listenForSignals } from "./kit/interruption.ts";
import { VERSION } from "../util/version.ts";
import { createProcessIo, flushOutput, onReaderGone } from "./kit/process-io.ts";

const argv = process.argv.slice(2);
void main();

async function main(): Promise<void> {
  // Which Node Tenon runs on is not what the command was asked; a program that `run` runs here may want to hear it.
  if (!argv.includes("run") || argv.includes("--aws")) process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const io = createProcessIo();
  const interruption = createInterruption({ exit: (code) => process.exit(code), say: (text) => io.err.write(`${text}\n`) });
  listenForSignals(interruption);
  onReaderGone(() => interruption.stop(EXIT.ok));
  // The first process and the modules of a run come up while the command line is still being read.
  const ahead = argv.includes("run") && !argv.includes("--aws") ? import("./kit/prewarm.ts") : undefined;
  const body = ahead?.then(({ prewarm }) => prewarm(argv)).then(() => import("./commands/run.ts"));
  body?.catch(() => {});
  const { runCli } = await import("./kit/program.ts");
  const code = await runCli(argv, { io, interruption, version: VERSION });
  // A stop that is under way decides the exit code itself.
  if (interruption.signal.aborted) return;
  (await ahead)?.dropSpareWorker();
  await flushOutput();
  // User code may have left timers and sockets behind: the command ends when its work does.
  process.exit(code === EXIT.ok ? (process.exitCode ?? EXIT.ok) : code);
}
