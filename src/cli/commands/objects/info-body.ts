import { withBackend } from "../../apps/backend.ts";
import type { CommandBody } from "../../kit/command.ts";
import { formatDate } from "../../render/format-value.ts";
import { writeResult } from "../../render/results.ts";
import { missingHint, withHint } from "./hints.ts";
import { checkObjectName, type ObjectKind, objectJson } from "./kind.ts";
import type { infoSpec } from "./specs.ts";

/** `tenon <noun> info NAME`. */
export const infoBody =
  (kind: ObjectKind): CommandBody<ReturnType<typeof infoSpec>> =>
  (context, { name: typed }, flags) => {
    const name = checkObjectName(kind, typed);
    return withBackend(context, flags, async (backend) => {
      const { io, globals } = context;
      const info = await withHint(kind.port(backend).open(name), () => missingHint(context, { kind, backend, name }));
      const details = (await kind.details?.(backend, info)) ?? {};
      if (globals.json) return writeResult(context, { ...objectJson(info), ...details });
      const { id, createdAtMs, createdBy } = info;
      const lines = { name, id, created: `${formatDate(createdAtMs)} UTC`, by: createdBy ?? "-", ...details };
      const width = Math.max(...Object.keys(lines).map((word) => word.length));
      for (const [word, value] of Object.entries(lines)) io.out.write(`${word.padEnd(width)}  ${value}\n`);
    });
  };
