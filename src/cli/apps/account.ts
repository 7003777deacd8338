import { rmSync } from "node:fs";
import { openDeployments } from "../../deploy/index.ts";
import type { CommandContext } from "../kit/command.ts";
import { UsageError } from "../kit/failures.ts";
import { type BackendFlags, chooseBackend, type Place, placeText } from "../kit/place.ts";
import { writeNote } from "../render/results.ts";
import { createEventRenderer, type EventRenderer } from "../render/render-events.ts";
import { makeAssemblyFolder } from "./assembly-folder.ts";
import { touch } from "./places.ts";

/** What a command that changes an account works with. All of it is gone when the command has ended. */
export interface Account {
  readonly api: Awaited<ReturnType<typeof openDeployments>>;
  place(): Promise<Place>;
  /** Environment, account, region and endpoint in words: `environment "dev" on AWS (account …, region …)`. */
  where(): Promise<string>;
  readonly onEvent: EventRenderer["onEvent"];
  /** Says something that is no result. */
  note(text: string): void;
  /** A new folder for a cloud assembly. */
  folder(): string;
  /** Does something first when the command is stopped; the returned function forgets it. */
  beforeEnd(task: () => Promise<unknown>): () => void;
  /** While the work goes on, a command that is stopped says whether CloudFormation goes on with the stack: since `onStart`. */
  working<T>(stack: string, work: (onStart: () => Promise<void>) => Promise<T>): Promise<T>;
}

/** Refuses a command that knows AWS only where `TENON_BACKEND` names this machine. Throws `UsageError`. */
export function refuseLocal({ io }: CommandContext, flags: BackendFlags): void {
  if (chooseBackend(flags, io.env, "aws") === "aws") return;
  throw new UsageError('Environments are made on AWS only, and TENON_BACKEND is "local". This machine needs none.', {
    hint: "Add --aws, or unset TENON_BACKEND.",
  });
}

/** Lets a body work on the account that the AWS SDK finds. */
export async function withAccount<T>(context: CommandContext, body: (account: Account) => Promise<T>): Promise<T> {
  const { io, globals, interruption } = context;
  const place = touch(context, "aws");
  const api = await openDeployments();
  const renderer = createEventRenderer(io, globals);
  const folders: string[] = [];
  const clean = (): void => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  const last = new Set<() => Promise<unknown>>();
  const work = watchWork(context);
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
      place,
      where: async () => placeText(await place()),
      note: (text) => writeNote(context, text),
      folder() {
        const made = makeAssemblyFolder();
        folders.push(made);
        return made;
      },
      beforeEnd(task) {
        last.add(task);
        return () => last.delete(task);
      },
      working: work.on,
    });
  } finally {
    forget();
    clean();
    renderer.end();
    api.destroy();
  }
}

// --- Internal helpers ---

/** Says of a command that is stopped what it has started. One work may need another first: an App its environment. */
function watchWork({ io, interruption }: CommandContext): { readonly on: Account["working"] } {
  /** The stacks that are worked on, and whether CloudFormation was asked for a change of each. */
  const open = new Map<string, boolean>();
  let changed = false;
  const tell = async (): Promise<void> => {
    const started = [...open].filter(([, isStarted]) => isStarted).map(([stack]) => stack);
    for (const stack of started)
      io.err.write(`CloudFormation goes on with the stack ${stack}. Run the same command later to see how it ended.\n`);
    if (started.length > 0) return;
    io.err.write(changed ? "Nothing more was started.\n" : "Nothing was started.\n");
  };
  return {
    async on(stack, work) {
      const done = open.size === 0 ? interruption.hold({ close: tell }) : undefined;
      open.set(stack, false);
      try {
        return await work(async () => {
          // What was said of a command that is stopped stays true: the process ends.
          if (interruption.signal.aborted) await new Promise(() => {});
          open.set(stack, true);
          changed = true;
        });
      } finally {
        open.delete(stack);
        done?.();
      }
    },
  };
}
