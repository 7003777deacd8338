import type { Backend } from "../../ports/backend.ts";
import { InvalidError } from "../../model/errors.ts";
import { registry } from "../../context/registry.ts";
import type { CommandContext } from "../kit/command.ts";
import { UsageError } from "../kit/failures.ts";

/**
 * The backend that a command about deployed Apps talks to: `--local`, else `TENON_BACKEND`; never a guess. It is
 * closed when the command is interrupted; the caller closes it otherwise.
 *
 * Throws `UsageError` when neither names one, or names another than `local` or `aws`.
 */
export async function connect(context: CommandContext, flags: Readonly<Record<string, unknown>>): Promise<Backend> {
  const kind = chooseBackend(flags, context.io.env);
  await import("../../index.ts");
  const { backends } = registry();
  if (backends === undefined) throw new InvalidError("no backend is known to this copy of Tenon");
  const params = { environment: context.globals.environment };
  const backend = await (kind === "local" ? backends.connectLocal(params) : backends.connectAws(params));
  context.interruption.hold(backend);
  return backend;
}

/** The backend's name by `--local` and `TENON_BACKEND`. */
export function chooseBackend(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): "local" | "aws" {
  if (flags["local"] === true) return "local";
  const named = env["TENON_BACKEND"];
  if (named === "local" || named === "aws") return named;
  const what =
    named === undefined || named === ""
      ? "no backend is named: it is this machine or AWS, and Tenon does not guess"
      : `TENON_BACKEND is "${named}", it must be "local" or "aws"`;
  throw new UsageError(what, { hint: "Add --local for this machine, or set TENON_BACKEND=local or TENON_BACKEND=aws." });
}
