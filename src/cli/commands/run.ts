import type { CommandSpec } from "../kit/command.ts";
import { ARCHITECTURE, BOOTSTRAP, RAW } from "./shared-flags.ts";

/** What the help says of `tenon run`. */
export const spec = {
  name: "run",
  summary: "run an entrypoint or a Function of a file",
  description: `Bundles the file, starts its App on this machine, runs one entrypoint or Function, and stops the App.

You can leave the name out when the file has one entrypoint, or no entrypoint and one Function.

Everything after the file belongs to the entrypoint: "tenon run app.ts --help" shows its flags. Tenon's own flags go before the file, so the two never clash.

With --aws only the entrypoint runs here. The App is deployed as a stack of its own for as long as the run takes, and the output of its containers is shown here. The stack is removed when the command ends, also after Ctrl-C. If the command is killed, the next run removes the stack.

A Function's arguments are JSON where they parse as JSON, else text. Its result is printed on stdout; a generator's items are printed one per line.`,
  args: {
    target: { term: "file[::name]", description: "the file that declares the App, and what to run of it" },
    words: { term: "args", description: "flags and arguments of the entrypoint, or arguments of the Function", many: true },
  },
  flags: {
    raw: { ...RAW, description: "take every argument of a Function as text" },
    aws: { type: "boolean", description: "run the Functions on AWS, in a stack that is removed at the end" },
    architecture: ARCHITECTURE,
    ...BOOTSTRAP,
    yes: { type: "boolean", short: "y", description: "with --aws: deploy a missing environment without asking" },
  },
  examples: [
    "tenon run wordcount.ts --file moby-dick.txt",
    "tenon run --aws wordcount.ts --file moby-dick.txt",
    `tenon run wordcount.ts::count "the whale"`,
    `tenon run --json shop.ts::charge '{"cents": 1200}'`,
  ],
  passThrough: true,
} as const satisfies CommandSpec;
