import { rmSync } from "node:fs";
import { openDeployments } from "../../deploy/index.ts";
import { makeAssemblyFolder } from "./assembly-folder.ts";
import type { CommandContext } from "../kit/command.ts";
import { EXIT, UsageError } from "../kit/failures.ts";
import { createEventRenderer, type EventRenderer } from "../render/render-events.ts";

/** What a command that changes an account works with; all of it is gone when the command ends, however that is. */
export interface Account {
  readonly api: Awaited<ReturnType<typeof openDeployments>>;
  readonly onEvent: EventRenderer["onEvent"];
  /** A new folder for a cloud assembly. */
  folder(): string;
  /** Has something done first when the command is stopped; the returned function forgets it. */
  beforeEnd(task: () => Promise<unknown>): () => void;
  /** Says of a stack, if the command is stopped from here on, that CloudFormation is not. */
  working<T>(stack: string, work: Promise<T>): Promise<T>;
}

/** Lets a body work on the account that the AWS SDK finds. */
export async function withAccount<T>(context: CommandContext, body: (account: Account) => Promise<T>): Promise<T> {
  const { io, globals, interruption } = context;
  const api = await openDeployments();
  const renderer = createEventRenderer(io, globals);
  const folders: string[] = [];
  const clean = (): void => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  const last = new Set<() => Promise<unknown>>();
  const close = async (): Promise<void> => {
    // They may need the folders.
    await Promise.allSettled([...last].map((task) => task()));
    clean();
  };
  const forget = interruption.hold({ close, kill: clean });
  try {
    return await body({
      api,
      onEvent: renderer.onEvent,
      folder() {
        const made = makeAssemblyFolder();
        folders.push(made);
        return made;
      },
      beforeEnd(task) {
        last.add(task);
        return () => last.delete(task);
      },
      async working(stack, work) {
        const done = interruption.hold({
          close: async () =>
            io.err.write(`CloudFormation goes on with the stack ${stack}; the same command later says what became of it.\n`),
        });
        try {
          return await work;
        } finally {
          done();
        }
      },
    });
  } finally {
    forget();
    clean();
    renderer.end();
    api.destroy();
  }
}

/**
 * Asks whether to do something that `--yes` allows without a question. `false`: the answer was no.
 *
 * Throws `UsageError` when nobody is there to ask.
 */
export async function confirm(
  { io, globals }: CommandContext,
  flags: Readonly<Record<string, unknown>>,
  question: string,
  otherwise: { readonly what: string; readonly hint: string },
): Promise<boolean> {
  if (flags["yes"] === true) return true;
  const answer = globals.json ? null : await io.ask(`${question} [y/N] `);
  if (answer === null) throw new UsageError(otherwise.what, { hint: otherwise.hint });
  return /^y(es)?$/i.test(answer.trim());
}

/** The exit code of a command whose question was answered with no. */
export function declined({ io }: CommandContext, text: string): number {
  io.err.write(`${text}\n`);
  return EXIT.failure;
}
