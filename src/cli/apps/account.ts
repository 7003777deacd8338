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
  /** While the work goes on, a command that is stopped says that CloudFormation goes on with the stack. */
  working<T>(stack: string, work: Promise<T>): Promise<T>;
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
      async working(stack, work) {
        const done = interruption.hold({
          close: async () =>
            io.err.write(`CloudFormation goes on with the stack ${stack}. Run the same command later to see how it ended.\n`),
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
