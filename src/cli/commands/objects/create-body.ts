import { withBackend } from "../../apps/backend.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import { checkObjectName, type ObjectKind, objectJson } from "./kind.ts";
import type { createSpec } from "./specs.ts";

/** `tenon <noun> create NAME`. */
export const createBody =
  (kind: ObjectKind): CommandBody<ReturnType<typeof createSpec>> =>
  (context, { name: typed }, flags) => {
    const name = checkObjectName(kind, typed);
    return withBackend(context, flags, async (backend) => {
      const { io, globals } = context;
      const info = await kind.port(backend).create(name, { allowExisting: flags.allowExisting });
      if (globals.json) return writeResult(context, objectJson(info));
      // One that was there keeps its id and its date: which of both it is, nothing says.
      io.out.write(`${flags.allowExisting ? "there is" : "created"} the ${kind.word} ${name} (environment ${globals.environment})\n`);
    });
  };
