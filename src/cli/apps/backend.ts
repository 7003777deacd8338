import { registry } from "../../context/registry.ts";
import { ExecutionError } from "../../model/errors.ts";
import type { Backend } from "../../ports/backend.ts";
import type { CommandContext } from "../kit/command.ts";
import { type BackendFlags, chooseBackend, placeText } from "../kit/place.ts";
import { touch } from "./places.ts";

/** What a command does with a backend. `where` says in words which one it is: `environment "dev" on this machine`. */
export type BackendBody<T> = (backend: Backend, where: () => Promise<string>) => Promise<T>;

/**
 * Lets a body work with the backend that flags or `TENON_BACKEND` name, and closes it however the body ends.
 *
 * Rejects with `UsageError` when neither names one.
 */
export async function withBackend<T>(context: CommandContext, flags: BackendFlags, body: BackendBody<T>): Promise<T> {
  const kind = chooseBackend(flags, context.io.env);
  const place = touch(context, kind);
  await import("../../index.ts");
  const { backends } = registry();
  if (backends === undefined) throw new ExecutionError("This copy of Tenon knows no backend.", { hint: "Install tenon again." });
  const params = { environment: context.globals.environment };
  const backend = await (kind === "local" ? backends.connectLocal(params) : backends.connectAws(params));
  const release = context.interruption.hold(backend);
  try {
    return await body(backend, async () => placeText(await place()));
  } finally {
    await backend.close();
    release();
  }
}
