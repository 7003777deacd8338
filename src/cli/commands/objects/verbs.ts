import { command, type Command } from "../../kit/command.ts";
import type { ObjectKind } from "./kind.ts";
import { createSpec, deleteSpec, infoSpec, listSpec } from "./specs.ts";

/** The commands that every kind of named objects has. */
export interface ObjectVerbs {
  readonly list: Command;
  readonly create: Command;
  readonly info: Command;
  readonly remove: Command;
}

/** Makes the commands of a kind; their bodies load when they run. */
export function objectVerbs(kind: ObjectKind): ObjectVerbs {
  return {
    list: command(listSpec(kind), async () => ({ run: (await import("./list-body.ts")).listBody(kind) })),
    create: command(createSpec(kind), async () => ({ run: (await import("./create-body.ts")).createBody(kind) })),
    info: command(infoSpec(kind), async () => ({ run: (await import("./info-body.ts")).infoBody(kind) })),
    remove: command(deleteSpec(kind), async () => ({ run: (await import("./delete-body.ts")).deleteBody(kind) })),
  };
}
