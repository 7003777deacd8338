import { EXIT } from "./kit/failures.ts";
import { glance } from "./kit/globals.ts";
import { createInterruption, listenForSignals, stopLine } from "./kit/interruption.ts";
import { VERSION } from "../util/version.ts";
import { createProcessIo, flushOutput, onReaderGone } from "./kit/process-io.ts";

const argv = process.argv.slice(2);
void main();

async function main(): Promise<void> {
  // The AWS SDK's warning about the version of Node is for programs, such as one that `run` runs here.
  if (!argv.includes("run") || argv.includes("--aws")) process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
  const io = createProcessIo();
  const say = (text: string): void => io.err.write(`${stopLine(text, glance(argv).json)}\n`);
  const interruption = createInterruption({ exit: (code) => process.exit(code), say });
  listenForSignals(interruption);
  onReaderGone(() => interruption.stop(EXIT.ok));
  // The first worker and the modules of a run come up while the command line is read.
  const prewarming = argv.includes("run") && !argv.includes("--aws") ? import("./apps/prewarm.ts") : undefined;
  const body = prewarming?.then(({ prewarm }) => prewarm(argv)).then(() => import("./commands/run-body.ts"));
  body?.catch(() => {});
  const { runCli } = await import("./program/program.ts");
  const code = await runCli(argv, { io, interruption, version: VERSION });
  // A stop that is under way sets the exit code itself.
  if (interruption.signal.aborted) return;
  (await prewarming)?.dropSpareWorker();
  await flushOutput();
  // User code may have left timers and sockets behind: the command ends when its work does.
  process.exit(code === EXIT.ok ? (process.exitCode ?? EXIT.ok) : code);
}
