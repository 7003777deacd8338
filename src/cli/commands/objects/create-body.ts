import { withBackend } from "../../apps/backend.ts";
import type { CommandBody } from "../../kit/command.ts";
import { writeResult } from "../../render/results.ts";
import { existingHint, withHint } from "./hints.ts";
import { checkObjectName, type ObjectKind, objectJson, unlessMissing } from "./kind.ts";
import type { createSpec } from "./specs.ts";

/** `tenon <noun> create NAME`. */
export const createBody =
  (kind: ObjectKind): CommandBody<ReturnType<typeof createSpec>> =>
  (context, { name: typed }, flags) => {
    const name = checkObjectName(kind, typed);
    return withBackend(context, flags, async (backend) => {
      const { io, globals } = context;
      const port = kind.port(backend);
      const before = flags.allowExisting ? await port.open(name).catch(unlessMissing) : undefined;
      const info =
        before ??
        (await withHint(port.create(name, { allowExisting: flags.allowExisting }), () => existingHint(context, { kind, backend, name })));
      const created = before === undefined;
      if (globals.json) return writeResult(context, { ...objectJson(info), created });
      const where = `(environment ${globals.environment})`;
      io.out.write(created ? `created the ${kind.word} ${name} ${where}\n` : `the ${kind.word} ${name} exists already ${where}\n`);
    });
  };
